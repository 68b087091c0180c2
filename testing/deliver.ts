import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.js';

/**
 * How an answer travels. The provider has done its work in any case: after `reset` there is a job that nobody knows of.
 * - `reset`: no answer, the connection is reset
 * - `hang`: no answer, the connection stays open until the client or the server closes it
 * - `cut`: half of a body of unannounced length, then the connection ends
 * - `short`: half of the announced body, then the connection ends
 * - `stall`: half of the announced body, then nothing
 * - `slow`: whole, in 16 pieces a few milliseconds apart, the length unannounced
 */
export type Delivery = 'whole' | 'reset' | 'hang' | 'cut' | 'short' | 'stall' | 'slow';

const PIECES = 16;
/** Long enough for each piece to reach the client as one of its own. */
const PAUSE_MS = 5;

/** Sends an answer. Resolves when nothing more will be sent. */
export async function deliver(response: ServerResponse, answer: Answer, delivery: Delivery): Promise<void> {
  if (delivery === 'hang') return;
  if (delivery === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers, bytes } = answer;
  const hasLength = status !== 204 && delivery !== 'cut' && delivery !== 'slow';
  response.writeHead(status, { ...headers, ...(hasLength ? { 'content-length': bytes.length } : {}) });
  if (delivery === 'whole') response.end(bytes);
  else if (delivery === 'slow') await sendSlowly(response, bytes);
  else {
    response.flushHeaders();
    // Ending, not destroying: what is on its way still arrives.
    response.write(bytes.subarray(0, bytes.length >> 1), () => delivery !== 'stall' && response.socket?.end());
  }
}

async function sendSlowly(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  const size = Math.max(1, Math.ceil(bytes.length / PIECES));
  for (let start = 0; start < bytes.length && !response.destroyed; start += size) {
    response.write(bytes.subarray(start, start + size));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  response.end();
}
