import type { CorsPolicy } from './cors.js';
import type { JobPhase, JobState } from './jobs.js';

/** Whom a request is for: a provider of the hosted API, the Hub, or a dedicated endpoint of Hugging Face. */
export type FakeProvider = 'hub' | 'hf-inference' | 'endpoint' | 'fal-ai' | 'replicate' | 'wavespeed' | 'together';

/** Providers that answer with a job to ask about. */
export type QueuedProvider = 'fal-ai' | 'replicate' | 'wavespeed';

/**
 * What a request is for.
 * - `lookup`: the Hub is asked about a model or a task
 * - `submit`: carries the picture
 * - `poll`: asks how a job stands
 * - `result`: fetches the answer of a finished job (fal-ai only; elsewhere the last poll has it)
 * - `download`: fetches a result picture
 * - `preflight`: a browser's CORS question
 */
export type Stage = 'lookup' | 'submit' | 'poll' | 'result' | 'cancel' | 'download' | 'preflight';

/** One line of the Hub's `inferenceProviderMapping`. */
export interface MappingEntry {
  /** As `fal-ai`; any name, for ones that a client does not know. */
  readonly provider: string;
  /** The Hub's id. */
  readonly hfModelId: string;
  /** The provider's own id. */
  readonly providerId: string;
  /** `live`, `staging` or `error`. */
  readonly status: string;
  /** As `image-to-image`. */
  readonly task: string;
  /** `lora` for adapters. */
  readonly adapter?: string;
  /** Path of the adapter's weights in its repository. */
  readonly adapterWeightsPath?: string;
}

/** What the Hub says of a model. */
export interface FakeModel {
  /** As the Hub sends it: a list today, an object by provider in former times. Missing: the field is missing. */
  readonly mapping?: readonly MappingEntry[] | Readonly<Record<string, Omit<MappingEntry, 'provider' | 'hfModelId'>>>;
  /** Answers 401 to a lookup without a token. @default false */
  readonly isPrivate?: boolean;
}

/** How the fake answers where no script says otherwise. */
export interface FakeHostedSettings {
  /** The result: the uploaded picture, or these bytes, whose type is sniffed. @default 'echo' */
  readonly picture: 'echo' | Uint8Array;
  /**
   * URLs in answers, such as fal's `response_url`: `real` as the provider would write them, for code that is given the
   * fake's `fetch`; `loopback` for a browser without it. @default 'real'
   */
  readonly links: 'real' | 'loopback';
  /** Who answers 401 without a token of its kind. @default all but `hub` and `endpoint` */
  readonly needsToken: readonly FakeProvider[];
  /** A longer body is answered with 413. @default Infinity */
  readonly maxBodyBytes: number;
  /** What pages of other origins may do, or nothing at all. @default any origin, headers `authorization` and `content-type` */
  readonly cors: CorsPolicy | 'none';
  /** By Hub id. @default every id is live for image-to-image at all five providers */
  readonly models: Readonly<Record<string, FakeModel>>;
  /**
   * How each job goes on: the answer to the submission tells the first state, each poll the next, and the last one
   * stays. @default fal-ai and wavespeed `['queued', 'running', 'completed']`, replicate `['completed']`
   */
  readonly queues: Readonly<Partial<Record<QueuedProvider, readonly (JobPhase | JobState)[]>>>;
}

/** See {@link FakeHostedSettings}. */
export const DEFAULT_SETTINGS: FakeHostedSettings = {
  picture: 'echo',
  links: 'real',
  needsToken: ['hf-inference', 'fal-ai', 'replicate', 'wavespeed', 'together'],
  maxBodyBytes: Number.POSITIVE_INFINITY,
  // A browser's default call needs no more; what the real hosts list could not be looked up.
  cors: { allowOrigin: '*', allowHeaders: ['authorization', 'content-type'], exposeHeaders: [] },
  models: {},
  queues: {},
};
