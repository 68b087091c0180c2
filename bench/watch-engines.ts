import type { TestServer } from '../e2e/server.js';

/**
 * From now on every engine worker that starts tells what reaches it in messages, on a BroadcastChannel, until the server is healed.
 * Copying costs time: what is watched is not to be timed.
 * @param tell Source of a function: what to tell of an object somewhere inside a message, or undefined to look further inside.
 */
export function watchEngines(server: TestServer, channel: string, tell: string): void {
  server.addFault({ path: /engine[^/]*\.m?js$/, effect: 'prepend', text: watchScript(channel, tell) });
}

/** Runs before the worker's own script. Knows nothing of the protocol. */
function watchScript(channel: string, tell: string): string {
  return `{
  const channel = new BroadcastChannel(${JSON.stringify(channel)});
  const tell = ${tell};
  const getter = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data').get;
  const seen = new WeakSet();
  const look = (value, depth) => {
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value) || depth > 8) return;
    const told = tell(value);
    if (told !== undefined) channel.postMessage(told);
    else for (const inner of Object.values(value)) look(inner, depth + 1);
  };
  Object.defineProperty(MessageEvent.prototype, 'data', {
    get() {
      const data = getter.call(this);
      if (!seen.has(this)) { seen.add(this); look(data, 0); }
      return data;
    },
  });
}`;
}
