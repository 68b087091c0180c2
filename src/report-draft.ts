import type { WorkshopResult } from './bridge/workshop.js';
import { isImageToImageError } from './contract/errors.js';
import type { Device, Dtype } from './contract/manifest.js';
import type { Report, Warning } from './contract/report.js';
import type { Decision } from './policy/decide.js';

/** A report that fills as the call goes on, so that a failed call also tells how far it came. */
export interface ReportDraft {
  decided(decision: Decision): void;
  chosen(device: Device, dtype: Dtype): void;
  warn(...warnings: readonly Warning[]): void;
  ran(result: WorkshopResult): void;
  /** @param caught What the call was rejected with. */
  finish(outcome: Report['outcome'], caught?: unknown): Report;
}

/** @param model Id as asked for. */
export function createReportDraft(model: string): ReportDraft {
  const started = performance.now();
  let facts: Partial<Report> = {};
  let decision: Decision = { where: 'refused', reason: 'in-page-default' };
  const warnings: Warning[] = [];
  return {
    decided: (made) => {
      decision = made;
    },
    chosen: (device, dtype) => {
      facts = { ...facts, device, dtype };
    },
    warn: (...more) => {
      warnings.push(...more);
    },
    ran: ({ engines, tiles, input, output, timingsMs, loadMs, deliveries, warnings: more }) => {
      warnings.push(...more);
      if (deliveries.some((delivery) => !delivery.stored)) {
        const message = 'The model could not be stored for later; it will be fetched again.';
        warnings.push({ code: 'model-not-stored', message });
      }
      const down = deliveries.reduce((sum, delivery) => Math.max(sum, delivery.downloadedBytes), 0);
      facts = {
        ...facts,
        engines,
        tiles,
        input,
        output,
        timingsMs: { load: loadMs, ...timingsMs },
        bytes: { down, up: 0 },
      };
    },
    finish: (outcome, caught) => ({
      bytes: { down: 0, up: 0 },
      ...facts,
      where: decision.where === 'refused' ? 'nowhere' : 'in-page',
      reason: decision.reason,
      model,
      warnings,
      timingsMs: { ...facts.timingsMs, total: performance.now() - started },
      outcome,
      ...(outcome === 'failed' && isImageToImageError(caught) ? { error: caught.toJSON() } : {}),
    }),
  };
}
