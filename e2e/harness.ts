import { test as base, expect, type JSHandle, type Page } from '@playwright/test';
import type { ImageToImageOptions, PreviewEvent, ProgressEvent, ProgressPhase, Report } from 'tintype';
import { consumerApp } from './pack.js';
import { type ServeOptions, serveFolder, type TestServer } from './server.js';

/** An application in its page, with the server that it came from. */
export interface OpenedApp {
  readonly page: Page;
  readonly server: TestServer;
  /** Addresses asked for that are not the server's own; must stay empty. */
  readonly foreignRequests: readonly string[];
}

/** What a call came to, as data. */
export interface CallResult {
  /** Present when the call gave a picture. */
  readonly blob?: { readonly type: string; readonly width: number; readonly height: number; readonly sha256: string };
  /** Present when it rejected. */
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly code?: string;
    readonly isReason: boolean;
  };
  readonly reports: readonly Report[];
  /** Each phase once, in order. */
  readonly phases: readonly ProgressPhase[];
  readonly events: readonly ProgressEvent[];
  readonly previews: readonly (Omit<PreviewEvent, 'data'> & { readonly sizeBytes: number })[];
  readonly tileCount: number;
  /** Of `imageToImage` and `onReport`: whether the report came before the promise settled. */
  readonly reportedFirst: boolean;
}

/** What {@link callInPage} is to ask for. All plain data. */
export interface PageCall {
  readonly picture: JSHandle<Blob>;
  readonly model?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly options?: Pick<ImageToImageOptions, 'device' | 'dtype' | 'output' | 'tile' | 'residency' | 'metadata'>;
  /** Aborts with a reason of our own at the first progress of this phase, or when so much of it is done. */
  readonly abortAt?: ProgressPhase | 'before' | 'start' | Moment;
  /** Ends the newest worker of this kind, as a browser that is short of memory would, at the first progress of a phase. */
  readonly killAt?: Moment & { readonly worker: 'loader' | 'pipeline' | 'engine' };
  /** Collects tiles too. @default false */
  readonly wantsTiles?: boolean;
  /** Collects previews too. @default false */
  readonly wantsPreviews?: boolean;
}

/** A point of a call. */
export interface Moment {
  readonly phase: ProgressPhase;
  /** @default 0 */
  readonly done?: number;
}

declare global {
  interface Window {
    /** Every worker that the page made, in order. */
    workers: (Worker & { readonly name: string })[];
    /** Progress, tiles and previews that {@link callInPage}'s calls told of after they were aborted or settled. */
    lateEvents: number;
  }
}

/** Runs in the page before any of its scripts. */
function rememberWorkers(): void {
  const workers: Window['workers'] = [];
  window.workers = workers;
  window.lateEvents = 0;
  window.Worker = class extends Worker {
    readonly name: string;

    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.name = options?.name ?? '';
      workers.push(this);
    }
  };
}

interface Fixtures {
  /** Opens an application; its server ends with the test. @default the Vite application with the packed package */
  readonly openApp: (options?: Partial<ServeOptions> & { readonly path?: string }) => Promise<OpenedApp>;
}

/** Playwright's `test` with applications on servers of their own. */
export const test = base.extend<Fixtures>({
  openApp: async ({ context }, use) => {
    const servers: TestServer[] = [];
    await use(async ({ path = '/', ...options } = {}) => {
      const server = await serveFolder({ folder: consumerApp(), ...options });
      servers.push(server);
      const foreignRequests: string[] = [];
      // On the context: requests of workers and of the pages' frames are seen there too.
      context.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(server.origin) && !/^(?:blob|data):/.test(url)) foreignRequests.push(url);
      });
      const page = await context.newPage();
      await page.addInitScript(rememberWorkers);
      await page.goto(server.origin + path);
      return { page, server, foreignRequests };
    });
    for (const server of servers) await server.stop();
  },
});

export { expect };

/** Draws the same colourful picture every time: gradients, a disc, and edges, so that wrong tiles or sizes show. */
export async function makePicture(
  page: Page,
  { width, height, type = 'image/png' }: { readonly width: number; readonly height: number; readonly type?: string },
): Promise<JSHandle<Blob>> {
  return await page.evaluateHandle(
    async ([width, height, type]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('No canvas.');
      const gradient = context.createLinearGradient(0, 0, width, height);
      gradient.addColorStop(0, '#204080');
      gradient.addColorStop(1, '#f0c060');
      context.fillStyle = gradient;
      context.fillRect(0, 0, width, height);
      context.fillStyle = '#c02040';
      context.beginPath();
      context.arc(width / 2, height / 2, Math.min(width, height) / 3, 0, Math.PI * 2);
      context.fill();
      return await canvas.convertToBlob({ type });
    },
    [width, height, type] as const,
  );
}

/** Makes one call with the page's own client (made at the first call and kept), and says what came of it. */
export async function callInPage(page: Page, call: PageCall): Promise<CallResult> {
  const { picture, ...rest } = call;
  return await page.evaluate(
    async ({ picture, rest }) => {
      const scope = window as typeof window & { client?: InstanceType<typeof window.tintype.InferenceClient> };
      scope.client ??= new window.tintype.InferenceClient();
      const controller = new AbortController();
      const reason = new Error('The test aborted.');
      if (rest.abortAt === 'before') controller.abort(reason);
      const reports: Report[] = [];
      const phases: ProgressPhase[] = [];
      const events: ProgressEvent[] = [];
      const previews: CallResult['previews'][number][] = [];
      const { phase: abortPhase, done: abortDone = 0 } =
        typeof rest.abortAt === 'object' ? rest.abortAt : { phase: rest.abortAt };
      let isKilled = false;
      let isSettled = false;
      let tileCount = 0;
      const heard = (): void => {
        if (isSettled || controller.signal.aborted) window.lateEvents += 1;
      };
      const countTile = (): void => {
        heard();
        tileCount += 1;
      };
      const keepPreview = ({ data, ...facts }: PreviewEvent): void => {
        heard();
        previews.push({ ...facts, sizeBytes: data.length });
      };
      const promise = scope.client.imageToImage(
        {
          inputs: picture,
          ...(rest.model === undefined ? {} : { model: rest.model }),
          ...(rest.parameters === undefined ? {} : { parameters: rest.parameters }),
        },
        {
          ...rest.options,
          signal: controller.signal,
          onReport: (report) => reports.push(report),
          onProgress: (event) => {
            heard();
            const { phase, done } = event;
            events.push(event);
            if (phases.at(-1) !== phase) phases.push(phase);
            if (phase === abortPhase && done >= abortDone) controller.abort(reason);
            if (phase === rest.killAt?.phase && done >= (rest.killAt.done ?? 0) && !isKilled) {
              isKilled = true;
              const name = `tintype-${rest.killAt.worker}`;
              window.workers.findLast((worker) => worker.name === name)?.terminate();
            }
          },
          ...(rest.wantsTiles ? { onTile: countTile } : {}),
          ...(rest.wantsPreviews ? { onPreview: keepPreview } : {}),
        },
      );
      if (rest.abortAt === 'start') controller.abort(reason);
      const told = { reports, phases, events, previews };
      try {
        const blob = await promise;
        isSettled = true;
        const reportedFirst = reports.length > 0;
        const bitmap = await createImageBitmap(blob);
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
        const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        const { width, height } = bitmap;
        return { blob: { type: blob.type, width, height, sha256 }, ...told, tileCount, reportedFirst };
      } catch (caught) {
        isSettled = true;
        const { name, message, code } = caught as Error & { readonly code?: string };
        const error = { name, message, isReason: caught === reason, ...(code === undefined ? {} : { code }) };
        return { error, ...told, tileCount, reportedFirst: reports.length > 0 };
      }
    },
    { picture, rest },
  );
}

/**
 * Makes every engine worker of this server tell when it posts a tensor back. Counts finished runs without knowing the
 * protocol: results are the only messages of an engine that hand memory over.
 */
export async function countEngineRuns({ page, server }: OpenedApp): Promise<() => Promise<number>> {
  server.addFault({
    path: /engine[^/]*\.m?js$/,
    effect: 'prepend',
    text: `{
      const channel = new BroadcastChannel('test-engine-runs');
      const { postMessage } = MessagePort.prototype;
      MessagePort.prototype.postMessage = function (message, transfer) {
        if (Array.isArray(transfer) && transfer.length > 0) channel.postMessage(1);
        return postMessage.call(this, message, transfer);
      };
    }`,
  });
  await page.evaluate(() => {
    const counter = { runs: 0 };
    new BroadcastChannel('test-engine-runs').addEventListener('message', () => {
      counter.runs += 1;
    });
    Object.assign(window, { counter });
  });
  return () => page.evaluate(() => (window as typeof window & { counter: { runs: number } }).counter.runs);
}

/** Requests of the server for paths that fit. */
export function countRequests(server: TestServer, path: RegExp): number {
  return server.requests.filter((request) => path.test(request.path)).length;
}
