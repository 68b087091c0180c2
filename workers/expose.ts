import * as Comlink from 'comlink';
import { ok } from '../src/contract/outcome.js';
import { PROTOCOL_VERSION, type WorkerApi } from '../src/contract/worker-apis.js';

/**
 * Makes a worker answer `api` and nothing else: comlink walks any path that it is sent, so the object it sees has no
 * prototype. An unhandled rejection becomes an uncaught error, which the page sees as this worker's death.
 */
export function exposeWorker<Api extends WorkerApi>(api: Omit<Api, 'hello'>): void {
  self.addEventListener('unhandledrejection', (event) => {
    setTimeout(() => {
      throw event.reason;
    });
  });
  Comlink.expose(Object.assign(Object.create(null), api, { hello }));
}

/** Answers the methods of `api` on a port that was handed over. */
export function exposeOnPort(api: object, port: MessagePort): void {
  Comlink.expose(Object.assign(Object.create(null), api), port);
}

const hello: WorkerApi['hello'] = async (lockName) => {
  const holdsLock = 'locks' in navigator && (await holdForLife(lockName));
  return ok({ protocolVersion: PROTOCOL_VERSION, holdsLock });
};

function holdForLife(lockName: string): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(lockName, () => {
        resolve(true);
        return new Promise<never>(() => {});
      })
      .catch(() => resolve(false));
  });
}
