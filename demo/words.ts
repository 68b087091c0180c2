import {
  type Device,
  type ErrorCode,
  type ImageToImageError,
  isImageToImageError,
  type ProgressEvent,
  type Report,
} from 'tintype';

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

/** "0.3 megapixels", "144 megapixels". */
export function megapixelsInWords(pixels: number): string {
  return `${(pixels < 10_000_000 ? tenths : whole).format(pixels / 1_000_000)} megapixels`;
}

/** The work of a run as estimated, no more exact than it is; loading, reading and writing come on top. */
export function workInWords(ms: number): string {
  return ms < 1_000
    ? 'less than 1 s of work'
    : `about ${spanInWords(Math.round(ms / 1_000) * 1_000).replace('.0', '')} of work`;
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
    case 'measure':
      return 'Finding out which is faster here, processor or graphics (once)';
    case 'decode':
      return 'Reading the picture';
    case 'text-encoder':
      return 'Reading the prompt';
    case 'vae-encoder':
      return 'Encoding the picture';
    case 'denoise':
      return `Step ${event.done} of ${event.total}${left}`;
    case 'vae-decoder':
      return 'Decoding the result';
    case 'tiles':
      return event.total === 1 ? `Working${left}` : `Tile ${event.done} of ${event.total}${left}`;
    case 'resize':
      return 'Fitting to the wished size';
    case 'encode':
      return 'Writing the file';
  }
}

/** "processor (WASM)" or "graphics (WebGPU)". */
export function deviceInWords(device: Device): string {
  return device === 'webgpu' ? 'graphics (WebGPU)' : 'processor (WASM)';
}

/** Where the call ran and what left the page, in one plain sentence or two. */
export function whereItRan(report: Report): string {
  const facts = [
    `Ran in this page on the ${deviceInWords(report.device ?? 'wasm')}`,
    ...(report.engines === undefined ? [] : [counted(report.engines, 'engine')]),
    ...(report.tiles === undefined ? [] : [counted(report.tiles, 'tile')]),
    ...(report.steps === undefined ? [] : [counted(report.steps, 'step')]),
    ...(report.timingsMs.total === undefined ? [] : [spanInWords(report.timingsMs.total)]),
  ];
  const fetched = report.bytes.down > 0 ? ` Fetched ${bytesInWords(report.bytes.down)} of model.` : '';
  return `${facts.join(', ')}. ${bytesInWords(report.bytes.up)} of your picture were uploaded.${fetched}`;
}

const TITLES: Partial<Record<ErrorCode, string>> = {
  'invalid-input': 'This picture cannot be read',
  'unsupported-type': 'This kind of file cannot be read',
  'unsupported-parameter': 'This wish cannot be met',
  'environment-unsupported': 'This browser lacks something',
  'runtime-unavailable': 'The runtime did not start',
  'model-unavailable': 'The model could not be fetched',
  'integrity-mismatch': 'The model arrived damaged',
  'out-of-memory': 'Not enough memory',
  'device-lost': 'The graphics adapter was lost',
  'worker-crashed': 'A worker was lost',
  'deadline-exceeded': 'A step took far too long',
};

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
}

/**
 * Anything that was caught, in words. The library's messages say first what happened and then what to do.
 * @param name Of the picture's file, said where that file is at fault.
 */
export function problemInWords(caught: unknown, name?: string): Problem {
  if (isImageToImageError(caught, 'image-too-large')) return tooLarge(caught, name);
  if (isImageToImageError(caught, 'environment-unsupported') && caught.details.reason !== undefined)
    return noGraphics(caught);
  if (isImageToImageError(caught)) {
    const { code, message, retryable } = caught;
    const advice = ADVICE[code];
    const [whatHappened = message] = message.split(/(?<=\.)\s/);
    const text = advice === undefined ? message : `${whatHappened} ${advice}`;
    return {
      title: TITLES[code] ?? 'That did not work',
      text: about(FILE_CODES.has(code) ? name : undefined, text),
      retryable,
    };
  }
  const text = caught instanceof Error ? caught.message : String(caught);
  return { title: 'That did not work', text, retryable: true };
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

/** "1 tile", "4 tiles". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
