import type { DecisionReason } from '../contract/report.js';
import type { Mode } from '../options.js';

/** What the decision depends on; nothing else does. */
export interface DecisionInput {
  readonly mode: Mode;
  /** The call names a hosted provider, `auto` or an `endpointUrl`. */
  readonly hostedAsked: boolean;
  /** The call names the provider `in-page`. */
  readonly inPageAsked: boolean;
}

/** Where a call runs, and why. */
export interface Decision {
  readonly where: 'in-page' | 'refused';
  readonly reason: DecisionReason;
}

/**
 * Where a call runs. Pure, so that a test can list every answer. This version has no hosted side: what must go there is
 * refused, and what may run in the page does.
 */
export function decide({ mode, hostedAsked, inPageAsked }: DecisionInput): Decision {
  if (hostedAsked)
    return { where: 'refused', reason: mode === 'local-only' ? 'mode-forbids-hosted' : 'hosted-not-built' };
  if (mode === 'remote-only') return { where: 'refused', reason: 'hosted-not-built' };
  return { where: 'in-page', reason: inPageAsked ? 'in-page-asked' : 'in-page-default' };
}
