import { ERROR_CODES, isImageToImageError } from '../contract/errors.js';

/**
 * Whether the hosted side may be asked after the page failed with this. The table is {@link ERROR_CODES}: bad input and refusals
 * never leave the page; aborts and misuse are no such errors; offline nobody would answer.
 */
export function mayFallBackToHosted(caught: unknown, isOnline: boolean): boolean {
  return isOnline && isImageToImageError(caught) && ERROR_CODES[caught.code].fallback;
}

/** Whether `remote-first` may come back to the page: no hosted model is known, the owner has not agreed, or the hosted side failed. */
export function mayFallBackToPage(caught: unknown): boolean {
  if (!isImageToImageError(caught)) return false;
  const { code, phase } = caught;
  if (code === 'deadline-exceeded') return phase === 'hosted';
  return code === 'consent-required' || code === 'remote-failed' || code === 'remote-refused';
}
