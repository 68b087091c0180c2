import { type ErrorCode, type ImageToImageError, isImageToImageError } from 'tintype';
import { failureTitle } from './failure-titles.js';
import { firstSentence, serviceFailure } from './hosting/service-failures.js';
import { lowered, megapixelsInWords, sizeInWords, whole } from './words.js';

/** What a person can do in this page, where the library speaks to the page's author. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  'unsupported-parameter': 'Choose another model or size.',
  'environment-unsupported': 'Use a current browser, and open the page over https.',
  'runtime-unavailable': 'Check the connection, then try again.',
  'model-unavailable': 'Check the connection, then try again.',
  'integrity-mismatch': 'Try again; if it happens again, the server has the wrong file.',
  'out-of-memory': 'Close other tabs, or take a smaller picture or scale.',
  'device-lost': 'Try again, or choose the processor under More options.',
  'worker-crashed': 'Try again; if it happens again, reload the page.',
  'deadline-exceeded': 'Try again, or take a smaller picture or scale.',
};

/** Where the file itself is at fault. */
const FILE_CODES: ReadonlySet<ErrorCode> = new Set(['invalid-input', 'unsupported-type']);

/** What went wrong, for people. */
export interface Problem {
  readonly title: string;
  /** What happened, then what to do. */
  readonly text: string;
  /** Whether the very same call may succeed if it is made again. */
  readonly retryable: boolean;
  /** Whether the call may succeed on the other device. */
  readonly isOfDevice?: boolean;
  /** Nothing failed that the person did not decide: no alarm. */
  readonly isCalm?: boolean;
}

/**
 * Anything that was caught, in words. The library's messages say first what happened and then what to do.
 * @param name Of the picture's file, said where that file is at fault.
 */
export function problemInWords(caught: unknown, name?: string): Problem {
  if (isImageToImageError(caught, 'image-too-large')) return tooLarge(caught, name);
  if (isImageToImageError(caught, 'environment-unsupported') && caught.details.reason !== undefined)
    return noGraphics(caught);
  if (isImageToImageError(caught, 'consent-required')) return keptHere(caught);
  if (isImageToImageError(caught)) return failed(caught, name);
  const text = caught instanceof Error ? caught.message : String(caught);
  return { title: 'That did not work', text, retryable: true };
}

function failed(error: ImageToImageError, name: string | undefined): Problem {
  const { code, message, retryable } = error;
  const service = serviceFailure(error);
  const advice = service?.advice ?? ADVICE[code];
  const text = advice === undefined ? message : `${firstSentence(message)} ${advice}`;
  return {
    title: service?.title ?? failureTitle(code) ?? 'That did not work',
    text: about(FILE_CODES.has(code) ? name : undefined, text),
    retryable: service?.retryable ?? retryable,
  };
}

/** The owner was asked, and said no. */
function keptHere({ details }: ImageToImageError): Problem {
  const title = failureTitle(String(details.reason));
  const why = title === undefined ? '' : ` What this page met: ${lowered(title)}.`;
  const text = `You kept it here, and nothing was sent.${why}`;
  return { title: 'The picture stayed in this page', text, retryable: true, isCalm: true };
}

/** A device was asked for that cannot be had here. */
function noGraphics({ details, retryable }: ImageToImageError): Problem {
  const text =
    details.reason === 'webgpu-missing'
      ? 'This browser has no WebGPU. Use a current browser, or let the processor do the work.'
      : 'The browser offers no graphics adapter. Turn hardware acceleration on in its settings, or let the processor do the work.';
  return { title: 'The graphics (WebGPU) cannot be used here', text, retryable, isOfDevice: true };
}

/** The library speaks of its options here; a person can only choose something smaller. */
function tooLarge({ phase, details, retryable }: ImageToImageError, name?: string): Problem {
  const { width, height, maxPixels, maxSidePx } = details;
  const most = `at most ${megapixelsInWords(Number(maxPixels))} and ${whole.format(Number(maxSidePx))} pixels per side`;
  const size = { width: Number(width), height: Number(height) };
  const has = `${sizeInWords(size)} pixels (${megapixelsInWords(size.width * size.height)})`;
  if (phase === 'decode') {
    const text = `The picture has ${has}; ${most} can be read. Make it smaller first.`;
    return { title: 'This picture is too large', text: about(name, text), retryable };
  }
  const text = `The result would have ${has}; ${most} can be written. Take a smaller picture, scale or exact size.`;
  return { title: 'The result would be too large', text, retryable };
}

function about(name: string | undefined, text: string): string {
  return name === undefined ? text : `${name}: ${text}`;
}
