import type { HostedEvent } from '../hosted-call.js';
import type { HostedAnswer, Transport } from '../transport.js';
import type { Answerer } from './parameters.js';

/** A call whose picture has been sent and taken. */
export interface SubmittedCall {
  readonly answerer: Answerer;
  /** That the picture was sent to; jobs are asked for at the same origin. */
  readonly url: string;
  /** How the provider wants its token written. */
  readonly scheme: 'Bearer' | 'Key';
  /** To the picture. */
  readonly answer: HostedAnswer;
  readonly transport: Transport;
  /** Of a picture. */
  readonly maxBytes: number;
  onEvent(event: HostedEvent): void;
}

/** Bytes of JSON that may hold a picture of `maxBytes` as base64. */
export function maxJsonBytes(maxBytes: number): number {
  return Math.ceil(maxBytes / 3) * 4 + 65_536;
}
