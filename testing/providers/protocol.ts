import { type Answer, json, text } from '../answer.js';
import type { Job, JobStore } from '../jobs.js';
import { asPicture, type Picture } from '../picture.js';
import type { RecordedRequest } from '../recording.js';
import type { FakeHostedSettings, FakeProvider, Stage } from '../settings.js';

/** A request as its provider sees it. */
export interface Call extends Pick<RecordedRequest, 'host' | 'method' | 'query' | 'headers' | 'body' | 'json'> {
  /** Without the router's prefix. */
  readonly path: string;
  /** Came through Hugging Face's router, which wants a token of Hugging Face. */
  readonly isRouted: boolean;
}

/** What the providers share. */
export interface Site {
  readonly settings: FakeHostedSettings;
  readonly jobs: JobStore;
  /** The URL of a path of a host as an answer names it. */
  link(host: string, path: string): string;
}

/** How one provider speaks. */
export interface Protocol {
  /** @param path Without the router's prefix. */
  stageOf(method: string, path: string): Stage;
  answer(call: Call, site: Site): Answer;
}

/** How a provider's own API asks for its key. */
export interface OwnKey {
  /** Of the whole `authorization` header. */
  readonly pattern: RegExp;
  /** Of the 401. */
  readonly body: unknown;
}

/** The 401 for a call without a token of the right kind; undefined if all is well. */
export function refuseToken(call: Call, site: Site, provider: FakeProvider, own?: OwnKey): Answer | undefined {
  if (!site.settings.needsToken.includes(provider)) return undefined;
  const given = call.headers.authorization ?? '';
  if (own !== undefined && !call.isRouted) return own.pattern.test(given) ? undefined : json(401, own.body);
  return /^Bearer hf_\S+$/.test(given) ? undefined : json(401, { error: 'Invalid username or password.' });
}

/** The body's fields; none if it is not declared as JSON or is no object. */
export function fieldsOf(call: Call): Readonly<Record<string, unknown>> {
  const isDeclared = /^application\/json\b/.test(call.headers['content-type'] ?? '');
  const { json: body } = call;
  return isDeclared && typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

/** The first of some values that can be read as a picture; lists are looked into. */
export function firstPicture(
  values: readonly unknown[],
  read: (value: unknown) => Picture | undefined,
): Picture | undefined {
  for (const value of values.flat()) {
    const picture = read(value);
    if (picture !== undefined) return picture;
  }
  return undefined;
}

/** What the model makes of an upload. */
export function resultOf(upload: Picture, { settings }: Site): Picture {
  return settings.picture === 'echo' ? upload : asPicture(settings.picture);
}

/** Where a job's picture can be fetched from. */
export function fileLink(job: Job, site: Site, host: string, folder: string): string {
  const extension = job.picture.type.replace('image/', '').replace('jpeg', 'jpg');
  return site.link(host, `/${folder}/${job.id}.${extension}`);
}

/** Answers a request for a result picture; no file host asks for a token. */
export function downloadAnswer(call: Call, site: Site): Answer {
  const job = site.jobs.find(/\/([0-9a-f]{32})\.\w+$/.exec(call.path)?.[1]);
  if (job === undefined) return text(404, '<!doctype html><title>404 Not Found</title>', 'text/html');
  return { status: 200, headers: { 'content-type': job.picture.type }, bytes: job.picture.bytes };
}
