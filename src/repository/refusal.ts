import { type ErrorDetails, ImageToImageError } from '../contract/errors.js';

/** A repository that cannot be used as it is. @param message What is wrong with which part, then what to do. */
export function unusable(message: string, details: ErrorDetails = {}): ImageToImageError {
  return new ImageToImageError({ code: 'model-unavailable', phase: 'validate', message, details });
}

/** A file that could not be asked for. @param message What happened, then what to do. */
export function unreachable(message: string, cause?: unknown): ImageToImageError {
  const record = { code: 'model-unavailable', phase: 'download', message } as const;
  return new ImageToImageError(cause === undefined ? record : { ...record, cause: String(cause) });
}
