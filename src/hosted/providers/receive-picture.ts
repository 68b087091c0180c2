import { answerPicture } from '../answer-picture.js';
import type { HostedAnswer, HostedStep } from '../transport.js';
import type { SubmittedCall } from './submitted-call.js';

/**
 * The picture of an answer: its bytes, base64 in its JSON, or what is at the address that it names, which never sees the token.
 * @throws ImageToImageError `remote-failed` for what is no picture, or too large a one; else what the transport throws.
 */
export async function receivePicture(call: SubmittedCall, answer: HostedAnswer, step: HostedStep): Promise<Blob> {
  const { answerer: provider, transport, maxBytes } = call;
  const { bytes } = answer;
  const blob = await answerPicture({ bytes, step, provider, transport, download: (url) => download(call, url) });
  // JSON may be larger than the picture in it; raw bytes were let through with that allowance.
  if (blob.size > maxBytes) {
    const what = `answered with a picture of ${blob.size} bytes, and ${maxBytes} are allowed (maxAnswerBytes)`;
    throw transport.failure({ kind: 'bad-answer', step, provider, what });
  }
  return blob;
}

async function download(
  { answerer: provider, transport, maxBytes, onEvent }: SubmittedCall,
  url: string,
): Promise<Uint8Array<ArrayBuffer>> {
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
