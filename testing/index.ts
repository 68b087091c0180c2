export type { CorsPolicy } from './cors.js';
export type { Delivery } from './deliver.js';
export { type FailureName, failures } from './failures.js';
export { type FakeHosted, startFakeHosted } from './fake-hosted.js';
export type { JobPhase, JobState } from './jobs.js';
export type { RecordedRequest } from './recording.js';
export type { HeaderSource, Step, Steps } from './script.js';
export type { FakeHostedSettings, FakeModel, FakeProvider, MappingEntry, QueuedProvider, Stage } from './settings.js';
