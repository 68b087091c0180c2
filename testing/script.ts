import { type Answer, json, text } from './answer.js';
import type { Delivery } from './deliver.js';
import { type FailureName, failures } from './failures.js';
import { asPicture } from './picture.js';
import type { FakeProvider, Stage } from './settings.js';

/** A header's value, or null to leave it out, or what makes it when it is sent. */
export type HeaderSource = string | null | ((place: { readonly elsewhere: string }) => string);

/** What is done with one request. */
export interface Step {
  /** With this or `body` the provider's own work is not done: nothing is checked, no job begins. */
  readonly status?: number;
  /** Over those that the answer has anyway. A function is given the same URL at another origin of the fake. */
  readonly headers?: Readonly<Record<string, HeaderSource>>;
  /** Text and bytes are sent as they are, all else as JSON. */
  readonly body?: string | Uint8Array | object;
  /** Changes the provider's own answer. It is given parsed JSON, or bytes for what is not JSON, and may give either. */
  readonly edit?: (answer: unknown) => unknown;
  /** @default 'whole' */
  readonly delivery?: Delivery;
  /** Requests that it is for; `Infinity` for ever. @default 1 */
  readonly times?: number;
}

/** In order, one for each request; afterwards all is well. `ok` is the provider's own answer. */
export type Steps = readonly ('ok' | FailureName | Step)[];

/** What is planned, by provider and stage. */
export class Script {
  readonly #plans = new Map<string, { readonly step: Step; left: number }[]>();

  /** Replaces what was planned for this stage. */
  plan(provider: FakeProvider, stage: Stage, steps: Steps): void {
    const plan = steps.map((one) => {
      const step = one === 'ok' ? {} : typeof one === 'string' ? failures[one] : one;
      return { step, left: step.times ?? 1 };
    });
    this.#plans.set(`${provider} ${stage}`, plan);
  }

  /** The next step; an empty one where nothing is planned. */
  take(provider: FakeProvider, stage: Stage): Step {
    const planned = this.#plans.get(`${provider} ${stage}`)?.find(({ left }) => left > 0);
    if (planned === undefined) return {};
    planned.left -= 1;
    return planned.step;
  }

  clear(): void {
    this.#plans.clear();
  }
}

/**
 * The answer that a step makes of the provider's own.
 * @param own Does the provider's work; called at most once.
 * @param elsewhere See {@link HeaderSource}.
 */
export function applyStep(step: Step, own: () => Answer, elsewhere: string): Answer {
  const base = step.status === undefined && step.body === undefined ? own() : written(step);
  const { status, headers, bytes } = step.edit === undefined ? base : edited(base, step.edit);
  const merged: Record<string, string> = { ...headers };
  for (const [name, source] of Object.entries(step.headers ?? {})) {
    if (source === null) delete merged[name];
    else merged[name] = typeof source === 'string' ? source : source({ elsewhere });
  }
  return { status, headers: merged, bytes };
}

function written({ status = 200, body = '' }: Step): Answer {
  if (typeof body === 'string') return text(status, body, 'text/plain; charset=utf-8');
  if (body instanceof Uint8Array) return { status, headers: {}, bytes: body };
  return json(status, body);
}

function edited(answer: Answer, edit: (answer: unknown) => unknown): Answer {
  const isJson = answer.headers['content-type'] === 'application/json';
  const value = edit(isJson ? JSON.parse(new TextDecoder().decode(answer.bytes)) : answer.bytes);
  if (!(value instanceof Uint8Array)) return json(answer.status, value);
  return { ...answer, headers: { ...answer.headers, 'content-type': asPicture(value).type }, bytes: value };
}
