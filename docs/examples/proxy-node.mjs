// A Node server that asks Hugging Face with its own token, so that the page needs none:
//   HF_TOKEN=hf_... node proxy-node.mjs
// The page then names it:
//   imageToImage({ inputs, endpointUrl: '/api/hf/models/timbrooks/instruct-pix2pix' }, { mode: 'remote-only', consent })
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createHostedProxy } from 'tintype/proxy';

const CALLS_PER_MINUTE = 30;
let calls = 0;
setInterval(() => {
  calls = 0;
}, 60_000).unref();

const proxy = createHostedProxy({
  accessToken: process.env.HF_TOKEN ?? '',
  // Models that Hugging Face's own inference (hf-inference) serves: look at the model's page.
  allow: ['timbrooks/instruct-pix2pix'],
  // Put your own check here: whose session is it, and how much have they used? This one serves everybody, but not for long.
  authorize() {
    calls++;
    if (calls <= CALLS_PER_MINUTE) return true;
    const headers = { 'retry-after': '60' };
    return Response.json({ error: 'Too many calls. Try again in a minute.' }, { status: 429, headers });
  },
});

const server = createServer(async (incoming, outgoing) => {
  try {
    await send(await proxy(toRequest(incoming, outgoing)), outgoing);
  } catch {
    // An address that is none, or a client that went away.
    if (!outgoing.headersSent) outgoing.writeHead(400);
    outgoing.end();
  }
  // What was not read of a refused upload still has to arrive, or its sender never reads the refusal.
  incoming.resume();
});
server.listen(Number(process.env.PORT ?? 8787), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

function toRequest(incoming, outgoing) {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(incoming.method);
  return new Request(new URL(incoming.url, `http://${incoming.headers.host}`), {
    method: incoming.method,
    headers: Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    signal: gone.signal,
    ...(hasBody ? { body: ReadableStream.from(incoming.iterator({ destroyOnReturn: false })), duplex: 'half' } : {}),
  });
}

async function send(answer, outgoing) {
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body) await pipeline(Readable.fromWeb(answer.body), outgoing);
  else outgoing.end();
}
