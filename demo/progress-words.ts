import type { ProgressEvent } from 'tintype';
import { bytesInWords, spanInWords } from './words.js';

/**
 * What the call is doing, in one short line.
 * @param wasSent Whether the picture has left the page: some phases then mean something else.
 */
export function progressInWords(event: ProgressEvent, wasSent = false): string {
  const { phase, done, total } = event;
  const rest = event.remainingMs !== undefined && event.remainingMs >= 1_000;
  const left = rest ? `, about ${spanInWords(event.remainingMs ?? 0)} left` : '';
  switch (phase) {
    case 'queued':
      return wasSent ? queueInWords(event) : 'Waiting for the run before this one to stop';
    case 'download':
      // A service may tell no total; and what comes may be its result, or the page's model where the service failed.
      if (wasSent) return `Fetching ${bytesInWords(done)}${total > 0 ? ` of ${bytesInWords(total)}` : ''}`;
      return `Fetching the model: ${bytesInWords(done)} of ${bytesInWords(total)}${left}`;
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
      return `Step ${done} of ${total}${left}`;
    case 'vae-decoder':
      return 'Decoding the result';
    case 'tiles':
      return total === 1 ? `Working${left}` : `Tile ${done} of ${total}${left}`;
    case 'resize':
      return 'Fitting to the wished size';
    case 'encode':
      return 'Writing the file';
    case 'upload':
      return `Sending ${bytesInWords(total)} to the service`;
    case 'loading-model':
      return `The service is loading the model${left}`;
    case 'retrying':
      return retryInWords(event);
    case 'running':
      return 'The service is at work';
  }
}

function queueInWords({ position }: ProgressEvent): string {
  if (position === undefined) return "In the service's queue";
  return position === 0 ? "Next in the service's queue" : `In the service's queue, ${position} before this one`;
}

function retryInWords({ attempt, remainingMs }: ProgressEvent): string {
  const pause = remainingMs === undefined ? '' : ` in ${spanInWords(remainingMs)}`;
  return `The service is busy: asking again${pause}${attempt === undefined ? '' : ` (attempt ${attempt})`}`;
}
