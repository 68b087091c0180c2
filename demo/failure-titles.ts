import type { ErrorCode } from 'tintype';

const TITLES: Partial<Record<ErrorCode, string>> = {
  'invalid-input': 'This picture cannot be read',
  'unsupported-type': 'This kind of file cannot be read',
  'image-too-large': 'This is too large',
  'unsupported-parameter': 'This wish cannot be met',
  'environment-unsupported': 'This browser lacks something',
  'runtime-unavailable': 'The runtime did not start',
  'model-unavailable': 'The model could not be fetched',
  'integrity-mismatch': 'The model arrived damaged',
  'out-of-memory': 'Not enough memory',
  'device-lost': 'The graphics adapter was lost',
  'inference-failed': 'The model failed',
  'worker-crashed': 'A worker was lost',
  'deadline-exceeded': 'A step took far too long',
};

/** What happened, by the code of an error of the library; undefined for codes that need more to be said. */
export function failureTitle(code: string): string | undefined {
  return Object.hasOwn(TITLES, code) ? TITLES[code as ErrorCode] : undefined;
}
