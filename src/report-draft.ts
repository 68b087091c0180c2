import type { FinishedJob } from './bridge/feed-forward-runs.js';
import { type ErrorRecord, isImageToImageError } from './contract/errors.js';
import type { Dtype } from './contract/manifest.js';
import type { ProgressEvent } from './contract/progress.js';
import type { DecisionReason, Report, Warning } from './contract/report.js';
import type { Delivery } from './contract/worker-apis.js';
import type { DeviceChoice } from './devices.js';
import type { HostedResult, HostedRoute } from './hosted/hosted-call.js';
import type { Upload } from './hosted/prepare-upload.js';
import type { Decision } from './policy/decide.js';

const NOT_STORED: Warning = {
  code: 'model-not-stored',
  message: 'The model could not be stored for later (quota, private mode); it will be fetched again.',
};

/** A report that fills as the call goes on, so that a failed call also tells how far it came. */
export interface ReportDraft {
  decided(decision: Decision): void;
  chosen(choice: Omit<DeviceChoice<unknown>, 'variant' | 'mayChange'>, dtype: Dtype): void;
  /** What a prompted model runs with. */
  set(parameters: Report['parameters']): void;
  /** WebGPU failed and the call went on with WASM. */
  deviceChanged(error: ErrorRecord): void;
  warn(...warnings: readonly Warning[]): void;
  /** The call is handed to the workers. */
  started(): void;
  /** One side failed or was refused, and the call goes on at the other. */
  fellBack(caught: unknown): void;
  /** The picture's owner agreed: from now on requests are made. */
  sent(): void;
  /** The picture is about to be sent; read once more when the call ends. */
  routed(route: HostedRoute): void;
  /** The hosted side gave a picture. */
  answered(result: HostedResult, upload: Upload): void;
  progressed(event: ProgressEvent): void;
  delivered(delivery: Delivery): void;
  ran(result: FinishedJob): void;
  /** @param caught What the call was rejected with. */
  finish(outcome: Report['outcome'], caught?: unknown): Report;
}

/** @param model Id as asked for. */
export function createReportDraft(model: string): ReportDraft {
  const started = performance.now();
  let facts: Partial<Report> = {};
  let reason: DecisionReason = 'in-page-default';
  const warnings: Warning[] = [];
  let earlierBytes = 0;
  let lastDone = 0;
  let where: Report['where'] = 'nowhere';
  let route: HostedRoute | undefined;
  let notStored = false;
  return {
    decided: (decision) => {
      ({ reason } = decision);
    },
    chosen: ({ device, reason: deviceReason, msPerMegapixel, measureMs }, dtype) => {
      facts = { ...facts, device, deviceReason, dtype };
      if (measureMs !== undefined) facts = { ...facts, timingsMs: { measure: measureMs } };
      if (msPerMegapixel) facts = { ...facts, deviceMsPerMegapixel: msPerMegapixel };
    },
    set: (parameters) => {
      if (parameters) facts = { ...facts, parameters };
    },
    deviceChanged: (error) => {
      facts = { ...facts, device: 'wasm', deviceReason: 'webgpu-failed' };
      const message = `WebGPU failed while the call ran (${error.message}); the rest was done on WASM.`;
      warnings.push({ code: 'device-changed', name: 'device', message });
    },
    warn: (...more) => {
      warnings.push(...more);
    },
    started: () => {
      where = 'in-page';
    },
    fellBack: (caught) => {
      if (isImageToImageError(caught)) facts = { ...facts, fallback: caught.toJSON() };
    },
    sent: () => {
      where = 'hosted';
    },
    routed: (taken) => {
      route = taken;
    },
    answered: ({ warnings: more }, { width, height, blob: sent }) => {
      warnings.push(...more);
      facts = { ...facts, input: { width, height, type: sent.type } };
    },
    progressed: ({ phase, done }) => {
      if (phase !== 'download') return;
      // A count that falls back is a second download, after the first was damaged; of several files, those before it stay counted.
      if (done < lastDone) earlierBytes += lastDone - done;
      lastDone = done;
    },
    delivered: ({ stored }) => {
      notStored ||= !stored;
    },
    ran: ({ facts: ran, timingsMs, loadMs, warnings: more }) => {
      warnings.push(...more);
      facts = { ...facts, ...ran, timingsMs: { ...facts.timingsMs, load: loadMs, ...timingsMs } };
    },
    finish: (outcome, caught) => ({
      ...facts,
      ...hostedFacts(route),
      bytes: { down: earlierBytes + lastDone + (route?.bytes.down ?? 0), up: route?.bytes.up ?? 0 },
      where,
      reason,
      model,
      warnings: notStored ? [...warnings, NOT_STORED] : warnings,
      timingsMs: { ...facts.timingsMs, total: performance.now() - started },
      outcome,
      ...(outcome === 'failed' && isImageToImageError(caught) ? { error: caught.toJSON() } : {}),
    }),
  };
}

/** Also where no picture came of it: the owner is to know that it was sent. */
function hostedFacts(route: HostedRoute | undefined): Pick<Report, 'hosted'> {
  if (route === undefined || route.attempts === 0) return {};
  const { host, provider, model, attempts } = route;
  return { hosted: { host, provider, model, attempts } };
}
