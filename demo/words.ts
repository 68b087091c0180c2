import { type ErrorCode, isImageToImageError, type ProgressEvent, type Report } from 'tintype';

const LANGUAGE = 'en';
const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A size for people, in decimal units: "812 bytes", "17 kB", "1.4 MB". */
export function bytesInWords(sizeBytes: number): string {
  if (sizeBytes < 1_000) return `${sizeBytes} bytes`;
  if (sizeBytes < 1_000_000) return `${whole.format(sizeBytes / 1_000)} kB`;
  return `${(sizeBytes < 100_000_000 ? tenths : whole).format(sizeBytes / 1_000_000)} MB`;
}

/** A time span for people: "240 ms", "1.4 s", "2 min 5 s". */
export function spanInWords(ms: number): string {
  if (ms < 1_000) return `${whole.format(Math.max(1, ms))} ms`;
  if (ms < 10_000) return `${tenths.format(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** An estimate, no more exact than it is. */
export function roughSpanInWords(ms: number): string {
  return ms < 1_000 ? 'less than 1 s' : `about ${spanInWords(Math.round(ms / 1_000) * 1_000).replace('.0', '')}`;
}

/** Width and height, as in "902 × 600". */
export function sizeInWords(size: { readonly width: number; readonly height: number }): string {
  return `${size.width} × ${size.height}`;
}

/** "PNG" for `image/png`. */
export function typeInWords(type: string): string {
  const name = type.replace(/^image\//, '');
  return name === 'webp' ? 'WebP' : name.toUpperCase();
}

/** What the call is doing, in one short line. */
export function progressInWords(event: ProgressEvent): string {
  const rest = event.remainingMs !== undefined && event.remainingMs >= 1_000;
  const left = rest ? `, about ${spanInWords(event.remainingMs ?? 0)} left` : '';
  switch (event.phase) {
    case 'queued':
      return 'Waiting for the run before this one to stop';
    case 'download':
      return `Fetching the model: ${bytesInWords(event.done)} of ${bytesInWords(event.total)}${left}`;
    case 'verify':
      return 'Checking the model';
    case 'compile':
      return 'Starting the network';
    case 'decode':
      return 'Reading the picture';
    case 'tiles':
      return event.total === 1 ? `Working${left}` : `Tile ${event.done} of ${event.total}${left}`;
    case 'resize':
      return 'Fitting to the wished size';
    case 'encode':
      return 'Writing the file';
  }
}

/** Where the call ran and what left the page, in one plain sentence or two. */
export function whereItRan(report: Report): string {
  const facts = [
    `Ran in this page on ${report.device === 'webgpu' ? 'WebGPU' : 'WebAssembly'}`,
    ...(report.engines === undefined ? [] : [counted(report.engines, 'engine')]),
    ...(report.tiles === undefined ? [] : [counted(report.tiles, 'tile')]),
    ...(report.timingsMs.total === undefined ? [] : [spanInWords(report.timingsMs.total)]),
  ];
  const fetched = report.bytes.down > 0 ? ` Fetched ${bytesInWords(report.bytes.down)} of model.` : '';
  return `${facts.join(', ')}. ${bytesInWords(report.bytes.up)} of your picture were uploaded.${fetched}`;
}

const TITLES: Partial<Record<ErrorCode, string>> = {
  'invalid-input': 'This picture cannot be read',
  'unsupported-type': 'This kind of file cannot be read',
  'image-too-large': 'This picture is too large',
  'unsupported-parameter': 'This wish cannot be met',
  'environment-unsupported': 'This browser lacks something',
  'runtime-unavailable': 'The runtime did not start',
  'model-unavailable': 'The model could not be fetched',
  'integrity-mismatch': 'The model arrived damaged',
  'out-of-memory': 'Not enough memory',
  'worker-crashed': 'A worker was lost',
  'deadline-exceeded': 'A step took far too long',
};

/** What a person can do in this page, where the library speaks to the page's author. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  'runtime-unavailable': 'Check the connection, then try again.',
  'model-unavailable': 'Check the connection, then try again.',
  'integrity-mismatch': 'Try again; if it happens again, the server has the wrong file.',
  'out-of-memory': 'Close other tabs, or take a smaller picture or scale.',
  'worker-crashed': 'Try again; if it happens again, reload the page.',
  'deadline-exceeded': 'Try again, or take a smaller picture or scale.',
};

/** What went wrong, for people. */
export interface Problem {
  readonly title: string;
  /** What happened, then what to do. */
  readonly text: string;
  /** Whether the very same call may succeed if it is made again. */
  readonly retryable: boolean;
}

/** Anything that was caught, in words. The library's messages say first what happened and then what to do. */
export function problemInWords(caught: unknown): Problem {
  if (isImageToImageError(caught)) {
    const { code, message, retryable } = caught;
    const advice = ADVICE[code];
    const [whatHappened = message] = message.split(/(?<=\.)\s/);
    const text = advice === undefined ? message : `${whatHappened} ${advice}`;
    return { title: TITLES[code] ?? 'That did not work', text, retryable };
  }
  const text = caught instanceof Error ? caught.message : String(caught);
  return { title: 'That did not work', text, retryable: true };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
