import type { JSHandle } from '@playwright/test';
import type { ConsentRequest, ErrorRecord, ImageToImageOptions, ProgressEvent, ProgressPhase, Report } from 'tintype';
import {
  type FakeHosted,
  type FakeHostedSettings,
  type RecordedRequest,
  type Stage,
  startFakeHosted,
} from 'tintype/testing';
import { test as base, expect, type OpenedApp } from './harness.js';
import { type Canary, startCanary } from './hosted-canary.js';
import type { ServeOptions } from './server.js';

export { expect };

/** An application in its page, with a hosted side of its own. */
export interface HostedApp extends OpenedApp {
  readonly fake: FakeHosted;
  /** All that the console said, and errors that nobody caught. */
  readonly console: readonly string[];
  /** Requests that the fake got, those of the browser itself (preflights) left out. */
  sent(): readonly RecordedRequest[];
  /** Whatever went anywhere but to the page's own server and the fake; must stay empty. */
  leaks(): readonly string[];
}

/** A token as they are; long-lived. */
export const TOKEN = 'hf_tOkEnOfTheTestsWhichNoServerKnows42';
/** A model that every provider of the fake has. */
export const MODEL = 'acme/painter';

/** The owner's answer. `late`: only after the call was aborted. */
export type ConsentAnswer = true | 'agrees' | 'refuses' | 'throws' | 'never' | 'late';

/** What {@link callHosted} is to ask for. All plain data but for the pictures. */
export interface HostedPageCall {
  readonly inputs: JSHandle;
  readonly mask?: JSHandle;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly options?: Omit<ImageToImageOptions, 'consent' | 'fetch' | 'signal'>;
  readonly aliases?: Readonly<Record<string, string>>;
  /** @default TOKEN */
  readonly token?: string;
  /** Gives the token by a function. @default false */
  readonly isTokenFunction?: boolean;
  /** @default none: nobody was asked */
  readonly consent?: ConsentAnswer;
  /** Uses the browser's own fetch and so the real hosts, instead of one that leads to the fake. @default false */
  readonly hasOwnFetch?: boolean;
  /** At the first progress of a phase, when the owner or the token is asked for, or when the fake got a request of a stage. */
  readonly abortAt?: ProgressPhase | 'consent' | 'token' | { readonly stage: Stage };
  /** Ends all workers of this kind at every progress, as a browser that is short of memory might. */
  readonly kills?: 'pipeline';
}

/** What a call came to, as data. */
export interface HostedOutcome {
  readonly blob?: {
    readonly type: string;
    /** Upright. */
    readonly width: number;
    readonly height: number;
  };
  readonly error?: Partial<ErrorRecord> & {
    readonly name: string;
    readonly message: string;
    readonly isReason: boolean;
    /** All that a log could hold of it. */
    readonly everything: string;
  };
  readonly report: Report;
  readonly reportCount: number;
  readonly events: readonly ProgressEvent[];
  readonly asked: readonly ConsentRequest[];
  /** How often the function that gives the token was called. */
  readonly tokenCount: number;
  /** Of the injected fetch: method and URL of each request, as the client meant it. */
  readonly fetched: readonly string[];
  /** Milliseconds of the longest task of the page's main thread; for reports only. */
  readonly longestTaskMs: number;
}

declare global {
  interface Window {
    /** Answers when the fake has got a request of this stage. */
    whenSeen(stage: Stage): Promise<void>;
  }
}

interface Fixtures {
  /** Opens an application and starts a fake for it; both end with the test. */
  readonly openHosted: (settings?: Partial<FakeHostedSettings>, served?: Partial<ServeOptions>) => Promise<HostedApp>;
}

interface WorkerFixtures {
  readonly canary: Canary;
}

/** Playwright's `test` in a browser for which every name of the internet leads to a canary. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  canary: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
    async ({}, use) => {
      const canary = await startCanary();
      await use(canary);
      await canary.stop();
    },
    { scope: 'worker' },
  ],
  launchOptions: [
    async ({ launchOptions, canary }, use) => {
      const rule = `--host-resolver-rules=MAP * 127.0.0.1:${canary.port}, EXCLUDE 127.0.0.1`;
      await use({ ...launchOptions, args: [...(launchOptions.args ?? []), rule] });
    },
    { scope: 'worker' },
  ],
  openHosted: async ({ openApp, canary }, use) => {
    const fakes: FakeHosted[] = [];
    await use(async (settings, served) => {
      const fake = await startFakeHosted(settings);
      fakes.push(fake);
      const app = await openApp(served);
      const { page, foreignRequests } = app;
      const greeted = canary.greetings.length;
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(String(error.stack ?? error)));
      await page.exposeFunction('whenSeen', async (stage: Stage) => {
        await expect.poll(() => fake.requests.some((request) => request.stage === stage)).toBe(true);
      });
      return {
        ...app,
        fake,
        console: said,
        sent: () => fake.requests.filter(({ stage }) => stage !== 'preflight'),
        leaks: () => [
          ...foreignRequests.filter((url) => !url.startsWith(fake.origin)),
          ...canary.greetings.slice(greeted),
        ],
      };
    });
    for (const fake of fakes) await fake.close();
  },
});

/** Makes one call with a client of its own, and says what came of it. */
export async function callHosted({ page, fake }: HostedApp, call: HostedPageCall): Promise<HostedOutcome> {
  const { inputs, mask, ...rest } = call;
  return await page.evaluate(
    async ({ inputs, mask, rest, fakeOrigin, defaultToken }) => {
      const { token = defaultToken, abortAt, consent } = rest;
      const controller = new AbortController();
      const reason = new Error('The test aborted.');
      const reports: Report[] = [];
      const events: ProgressEvent[] = [];
      const asked: ConsentRequest[] = [];
      const fetched: string[] = [];
      let tokenCount = 0;
      let longestTaskMs = 0;
      const abort = (): void => controller.abort(reason);
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
      });
      observer.observe({ entryTypes: ['longtask'] });
      const whenAborted = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve()));
      const owner = async (request: ConsentRequest): Promise<boolean> => {
        asked.push(request);
        if (abortAt === 'consent') abort();
        if (consent === 'throws') throw new RangeError('The owner is out.');
        if (consent === 'never') await new Promise(() => {});
        if (consent === 'late') await whenAborted;
        return consent !== 'refuses';
      };
      const giveToken = async (): Promise<string> => {
        tokenCount += 1;
        if (abortAt !== 'token') return token;
        abort();
        return await new Promise(() => {});
      };
      const leading: typeof fetch = (input, init) => {
        const url = new URL(String(input));
        fetched.push(`${init?.method ?? 'GET'} ${url.href}`);
        const isNear = url.origin === fakeOrigin || url.origin === location.origin;
        return fetch(isNear ? url : `${fakeOrigin}/${url.host}${url.pathname}${url.search}`, init);
      };
      if (typeof abortAt === 'object') void window.whenSeen(abortAt.stage).then(abort);
      const client = new window.tintype.InferenceClient(
        rest.isTokenFunction || abortAt === 'token' ? giveToken : token,
        {
          ...(rest.aliases === undefined ? {} : { aliases: rest.aliases }),
        },
      );
      const parameters = {
        ...(rest.args?.parameters as object | undefined),
        ...(mask ? { mask_image: mask as Blob } : {}),
      };
      const hasParameters = rest.args?.parameters !== undefined || mask !== undefined;
      const promise = client.imageToImage(
        { ...rest.args, inputs: inputs as Blob, ...(hasParameters ? { parameters } : {}) },
        {
          ...rest.options,
          signal: controller.signal,
          ...(consent === undefined ? {} : { consent: consent === true ? true : owner }),
          ...(rest.hasOwnFetch ? {} : { fetch: leading }),
          onReport: (report) => reports.push(report),
          onProgress: (event) => {
            events.push(event);
            if (event.phase === abortAt) abort();
            for (const worker of window.workers) if (worker.name === `tintype-${rest.kills}`) worker.terminate();
          },
        },
      );
      const settle = async (): Promise<Pick<HostedOutcome, 'blob' | 'error'>> => {
        try {
          const blob = await promise;
          const { width, height } = await createImageBitmap(blob);
          return { blob: { type: blob.type, width, height } };
        } catch (caught) {
          const error = caught as Error & Partial<ErrorRecord>;
          const { name, message, code, phase, details, cause } = error;
          const everything = [
            JSON.stringify(error),
            String(error),
            error.stack,
            String(cause),
            JSON.stringify(details),
          ];
          const record = { name, message, isReason: caught === reason, everything: everything.join('\n') };
          const known = { code, phase, details, ...(typeof cause === 'string' ? { cause } : {}) };
          return { error: { ...record, ...(JSON.parse(JSON.stringify(known)) as Partial<ErrorRecord>) } };
        }
      };
      const settled = await settle();
      observer.disconnect();
      await client.dispose();
      const [report] = reports;
      if (report === undefined) throw new Error('The call made no report.');
      return {
        ...settled,
        report,
        reportCount: reports.length,
        events,
        asked,
        tokenCount,
        fetched,
        longestTaskMs,
      };
    },
    { inputs, mask, rest, fakeOrigin: fake.origin, defaultToken: TOKEN },
  );
}

/** `stage provider` of each request, in order. */
export function stagesOf(requests: readonly RecordedRequest[]): readonly string[] {
  return requests.map(({ stage, provider }) => `${stage} ${provider}`);
}
