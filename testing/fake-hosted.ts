import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, json, text } from './answer.js';
import { corsHeaders, preflightAnswer } from './cors.js';
import { deliver } from './deliver.js';
import { type Destination, readDestination } from './hosts.js';
import { JobStore } from './jobs.js';
import { endpoint } from './providers/endpoint.js';
import { falAi } from './providers/fal-ai.js';
import { hfInference } from './providers/hf-inference.js';
import { hub } from './providers/hub.js';
import { downloadAnswer, type Protocol, type Site } from './providers/protocol.js';
import { replicate } from './providers/replicate.js';
import { together } from './providers/together.js';
import { wavespeed } from './providers/wavespeed.js';
import { beginRecord, type RecordedRequest, readBody } from './recording.js';
import { makeRedirectingFetch } from './redirecting-fetch.js';
import { applyStep, Script, type Steps } from './script.js';
import { DEFAULT_SETTINGS, type FakeHostedSettings, type FakeProvider, type Stage } from './settings.js';

/** A running fake of the hosted side: Hugging Face's router, Hub and endpoints, and the providers behind them. */
export interface FakeHosted {
  /** `http://127.0.0.1:port`, without a slash. */
  readonly origin: string;
  /**
   * For code under test: sends requests for the real URLs to the fake and refuses all other hosts. Method, headers,
   * body, signal and redirect mode are kept.
   */
  readonly fetch: typeof fetch;
  /** Every request so far, preflights included, in order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** URLs that {@link FakeHosted.fetch} refused. */
  readonly refused: readonly string[];
  /** The loopback URL of a real host, without a slash at its end: for a browser whose fetch is its own. */
  url(host: string): string;
  /**
   * Plans what happens to the next requests, instead of what was planned for the same provider and stage.
   * @param steps For submissions (of `hub`: lookups), or by stage.
   */
  script(provider: FakeProvider, steps: Steps | Readonly<Partial<Record<Stage, Steps>>>): void;
  /** Changes some settings; the others stay. */
  configure(settings: Partial<FakeHostedSettings>): void;
  /** Forgets requests, scripts and jobs; the settings are again those of the start. */
  reset(): void;
  /** Ends all connections, hanging ones included. */
  close(): Promise<void>;
}

const PROTOCOLS: Readonly<Record<FakeProvider, Protocol>> = {
  hub,
  'hf-inference': hfInference,
  endpoint,
  'fal-ai': falAi,
  replicate,
  wavespeed,
  together,
};

/**
 * Starts a fake on two free ports of 127.0.0.1; the second one is where the step `redirect` leads. Node only.
 * @example
 * ```ts
 * const fake = await startFakeHosted({ queues: { 'fal-ai': [{ phase: 'queued', position: 2 }, 'completed'] } });
 * fake.script('fal-ai', { submit: ['rate-limited'], poll: ['server-error'] });
 * await codeUnderTest({ fetch: fake.fetch });
 * expect(fake.requests.filter(({ stage }) => stage === 'submit')).toHaveLength(2);
 * await fake.close();
 * ```
 */
export async function startFakeHosted(settings: Partial<FakeHostedSettings> = {}): Promise<FakeHosted> {
  const state = new FakeState(settings);
  const main = await listen((request, response) => state.handle(request, response));
  const other = await listen((request, response) => state.handle(request, response));
  state.origins = [main.origin, other.origin];
  return {
    origin: main.origin,
    fetch: makeRedirectingFetch(state.origins, state.refused),
    requests: state.requests,
    refused: state.refused,
    url: (host) => `${main.origin}/${host}`,
    script: (provider, steps) => state.plan(provider, steps),
    configure: (changes) => {
      state.settings = { ...state.settings, ...changes };
    },
    reset: () => state.reset(),
    close: async () => {
      await Promise.all([main.close(), other.close()]);
    },
  };
}

/** All that one fake remembers. */
class FakeState implements Site {
  readonly requests: RecordedRequest[] = [];
  readonly refused: string[] = [];
  readonly jobs = new JobStore();
  readonly #script = new Script();
  readonly #initial: FakeHostedSettings;
  readonly #startedAt = performance.now();
  settings: FakeHostedSettings;
  origins: readonly [string, string] = ['', ''];

  constructor(settings: Partial<FakeHostedSettings>) {
    this.#initial = { ...DEFAULT_SETTINGS, ...settings };
    this.settings = this.#initial;
  }

  link(host: string, path: string): string {
    return `${this.settings.links === 'real' ? 'https:/' : this.origins[0]}/${host}${path}`;
  }

  plan(provider: FakeProvider, steps: Steps | Readonly<Partial<Record<Stage, Steps>>>): void {
    const byStage = isList(steps) ? { [provider === 'hub' ? 'lookup' : 'submit']: steps } : steps;
    for (const [stage, list] of Object.entries(byStage)) this.#script.plan(provider, stage as Stage, list);
  }

  reset(): void {
    this.requests.length = 0;
    this.refused.length = 0;
    this.jobs.clear();
    this.#script.clear();
    this.settings = this.#initial;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const destination = readDestination(method, request.url ?? '/', (provider, ...rest) =>
      PROTOCOLS[provider].stageOf(...rest),
    );
    const origin = `http://127.0.0.1:${request.socket.localPort}`;
    const time = performance.now() - this.#startedAt;
    const record = beginRecord(this.requests, request, { time, origin, destination });
    if (!(await readBody(request, record))) return;
    const { provider, stage } = destination;
    const step = provider === undefined || stage === undefined ? {} : this.#script.take(provider, stage);
    const elsewhere = `${this.origins[1]}${request.url}`;
    const answer = applyStep(step, () => this.#ownAnswer(record, destination), elsewhere);
    const headers = {
      'x-request-id': `fake-${this.requests.indexOf(record)}`,
      ...corsHeaders(this.settings.cors),
      ...answer.headers,
    };
    await deliver(response, { ...answer, headers }, step.delivery ?? 'whole');
  }

  #ownAnswer(record: RecordedRequest, { provider, stage, providerPath, isRouted }: Destination): Answer {
    if (stage === 'preflight') return preflightAnswer(this.settings.cors);
    if (provider === undefined) return json(404, { error: 'Not Found' });
    if (record.body.length > this.settings.maxBodyBytes) {
      return text(413, 'Failed to buffer the request body: length limit exceeded', 'text/plain; charset=utf-8');
    }
    const { host, method, query, headers, body, json: parsed } = record;
    const call = { host, method, query, headers, body, json: parsed, path: providerPath, isRouted };
    return stage === 'download' ? downloadAnswer(call, this) : PROTOCOLS[provider].answer(call, this);
  }
}

function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value);
}

interface Listener {
  readonly origin: string;
  close(): Promise<void>;
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listener> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A fault of the fake or of a script's `edit`: it must not look like one of the provider's.
      console.error('The fake hosted server failed:', error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
