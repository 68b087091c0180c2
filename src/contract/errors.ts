/** One row of {@link ERROR_CODES}. */
export interface ErrorCodeInfo {
  /** One sentence for the docs: when this happens. */
  readonly when: string;
  /** Whether the same call may succeed if it is simply made again. */
  readonly retryable: boolean;
  /** Whether a hosted fallback may answer instead, where mode and consent allow it. Read by the policy, nowhere else. */
  readonly fallback: boolean;
}

/** What can go wrong; {@link ERROR_CODES} says when. */
export type ErrorCode =
  | 'invalid-input'
  | 'unsupported-type'
  | 'image-too-large'
  | 'unsupported-parameter'
  | 'environment-unsupported'
  | 'runtime-unavailable'
  | 'model-unavailable'
  | 'integrity-mismatch'
  | 'out-of-memory'
  | 'device-lost'
  | 'inference-failed'
  | 'worker-crashed'
  | 'deadline-exceeded'
  | 'remote-refused'
  | 'consent-required'
  | 'remote-failed';

/** Every code an {@link ImageToImageError} can carry. The docs print this table; the policy reads it. */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorCodeInfo>> = {
  'invalid-input': {
    when: 'The picture is damaged, truncated or empty, or the input is not something that holds a picture.',
    retryable: false,
    fallback: false,
  },
  'unsupported-type': {
    when: 'The bytes are of a kind that Tintype does not read (SVG, TIFF, HEIC, HTML, PDF, ...), whatever the MIME type says.',
    retryable: false,
    fallback: false,
  },
  'image-too-large': {
    when: 'The picture, or the result it would give, exceeds a cap; `details` holds the numbers.',
    retryable: false,
    fallback: true,
  },
  'unsupported-parameter': {
    when: 'A parameter or option asks for what this model cannot give and no sensible result exists without it.',
    retryable: false,
    fallback: true,
  },
  'environment-unsupported': {
    when: 'This browser or page lacks something that the call needs (Web Workers, WebAssembly, a secure context, the wished device).',
    retryable: false,
    fallback: true,
  },
  'runtime-unavailable': {
    when: 'The onnxruntime-web files could not be fetched or started (network, a wrong `wasmPaths`, a CSP without wasm-unsafe-eval).',
    retryable: true,
    fallback: true,
  },
  'model-unavailable': {
    when: 'No such model, or its file could not be fetched.',
    retryable: true,
    fallback: true,
  },
  'integrity-mismatch': {
    when: 'A model file had the wrong size or SHA-256, twice. Nothing of it was run or kept.',
    retryable: true,
    fallback: true,
  },
  'out-of-memory': {
    when: 'The browser refused memory for the session, a tile or the result.',
    retryable: false,
    fallback: true,
  },
  'device-lost': {
    when: 'The GPU device was lost and could not be had again.',
    retryable: true,
    fallback: true,
  },
  'inference-failed': {
    when: 'The runtime refused the model or failed while running it.',
    retryable: false,
    fallback: true,
  },
  'worker-crashed': {
    when: 'A worker died or could not be started, and starting another did not help.',
    retryable: true,
    fallback: true,
  },
  'deadline-exceeded': {
    when: 'A step took far longer than measured steps of its kind, and its worker was ended; or a hosted call took longer than it may.',
    retryable: true,
    fallback: true,
  },
  'remote-refused': {
    when: 'The call asks for the hosted side (provider, endpointUrl or mode) and that is not allowed here. No request was made.',
    retryable: false,
    fallback: false,
  },
  'consent-required': {
    when: "The hosted side was needed, but the picture's owner has not agreed. No request was made.",
    retryable: false,
    fallback: false,
  },
  'remote-failed': {
    when: 'The hosted side answered with an error or with something that is not a picture.',
    retryable: true,
    fallback: false,
  },
};

/** Where in the call the error arose. */
export type ErrorPhase =
  | 'validate'
  | 'start'
  | 'download'
  | 'verify'
  | 'compile'
  | 'decode'
  | 'run'
  | 'encode'
  | 'hosted';

/** Plain facts beside the message: numbers, names, ids. Never a token, a prompt or a pixel. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** An {@link ImageToImageError} as data, as it crosses threads. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  /** What happened, then what to do. */
  readonly message: string;
  readonly phase: ErrorPhase;
  readonly details?: ErrorDetails;
  /** Where it differs from the code's row in {@link ERROR_CODES}: a wrong token will be wrong again. */
  readonly retryable?: boolean;
  /** Name and message of what lay beneath, as text. */
  readonly cause?: string;
}

const MARKER: unique symbol = Symbol.for('tintype.ImageToImageError') as never;

/**
 * The one error class. `code` says what happened; the message says it in words and then what to do.
 * Aborts are not ours (they reject with the signal's own reason), and misuse of the API is `TypeError` or `RangeError`.
 */
export class ImageToImageError extends Error {
  /** Always this, also where `instanceof` fails. */
  override readonly name = 'ImageToImageError' as const;
  readonly code: ErrorCode;
  readonly phase: ErrorPhase;
  readonly details: ErrorDetails;
  /** Whether making the same call again may help. */
  readonly retryable: boolean;

  constructor(record: ErrorRecord) {
    super(record.message, record.cause === undefined ? undefined : { cause: record.cause });
    this.code = record.code;
    this.phase = record.phase;
    this.details = record.details ?? {};
    this.retryable = record.retryable ?? ERROR_CODES[record.code].retryable;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** The error as plain data, for logs, reports and threads. */
  toJSON(): ErrorRecord {
    return {
      code: this.code,
      message: this.message,
      phase: this.phase,
      details: this.details,
      ...(this.retryable === ERROR_CODES[this.code].retryable ? {} : { retryable: this.retryable }),
      ...(typeof this.cause === 'string' ? { cause: this.cause } : {}),
    };
  }
}

/**
 * Whether a value is an {@link ImageToImageError}, also one of another copy of this package.
 * @param code Narrows to one code.
 */
export function isImageToImageError(error: unknown, code?: ErrorCode): error is ImageToImageError {
  if (typeof error !== 'object' || error === null || !(MARKER in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

/** Turns anything that was caught into a record: our own errors keep their code, all else becomes `fallback`. */
export function toErrorRecord(caught: unknown, fallback: Omit<ErrorRecord, 'cause'>): ErrorRecord {
  if (isImageToImageError(caught)) return caught.toJSON();
  return { ...fallback, cause: causeText(caught) };
}

function causeText(caught: unknown): string {
  if (caught instanceof Error) return `${caught.name}: ${caught.message}`;
  return String(caught);
}
