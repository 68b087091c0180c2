import { findAddressFault } from '../allowed-address.js';
import { answerPicture } from '../answer-picture.js';
import type { HostedAnswer, HostedStep } from '../transport.js';
import type { SubmittedCall } from './submitted-call.js';

/**
 * The picture of an answer: its bytes, base64 in its JSON, or what is at the address that it names, which never sees the token.
 * @throws ImageToImageError `remote-failed` for what is no picture; else what the transport throws.
 */
export function receivePicture(call: SubmittedCall, answer: HostedAnswer, step: HostedStep): Promise<Blob> {
  const { answerer: provider, transport } = call;
  return answerPicture({ bytes: answer.bytes, step, provider, transport, download: (url) => download(call, url) });
}

async function download(
  { answerer: provider, transport, maxBytes, onEvent }: SubmittedCall,
  url: string,
): Promise<Uint8Array<ArrayBuffer>> {
  // An address that a stranger's answer names is no misuse by the application, whatever is wrong with it.
  if (findAddressFault(url)) {
    throw transport.failure({ kind: 'bad-answer', step: 'download', provider, what: 'named an address that is not https' });
  }
  const { bytes } = await transport.send({
    step: 'download',
    method: 'GET',
    url,
    provider,
    maxBytes,
    onBytes: (receivedBytes, totalBytes) =>
      onEvent({ type: 'downloading', receivedBytes, ...(totalBytes === undefined ? {} : { totalBytes }) }),
  });
  // Here, so that an error names the download.
  await answerPicture({ bytes, step: 'download', provider, transport });
  return bytes;
}
