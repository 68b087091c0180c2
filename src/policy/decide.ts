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

/** Where a call begins, why, and where it may go on should that fail. */
export interface Decision {
  readonly where: 'in-page' | 'hosted' | 'refused';
  readonly reason: DecisionReason;
  readonly otherwise: 'in-page' | 'hosted' | 'nowhere';
}

/**
 * Where a call runs. Pure, so that a test can list every answer. A side that is asked for by name is the only one, save that
 * `remote-first` comes back to the page.
 */
export function decide({ mode, hostedAsked, inPageAsked }: DecisionInput): Decision {
  if (mode === 'local-only') {
    if (hostedAsked) return { where: 'refused', reason: 'mode-forbids-hosted', otherwise: 'nowhere' };
    return { where: 'in-page', reason: inPageAsked ? 'in-page-asked' : 'in-page-default', otherwise: 'nowhere' };
  }
  if (hostedAsked) {
    return { where: 'hosted', reason: 'hosted-asked', otherwise: mode === 'remote-first' ? 'in-page' : 'nowhere' };
  }
  if (inPageAsked) {
    if (mode === 'remote-only') return { where: 'refused', reason: 'mode-forbids-in-page', otherwise: 'nowhere' };
    return { where: 'in-page', reason: 'in-page-asked', otherwise: 'nowhere' };
  }
  if (mode === 'local-first') return { where: 'in-page', reason: 'in-page-first', otherwise: 'hosted' };
  return {
    where: 'hosted',
    reason: mode === 'remote-first' ? 'hosted-first' : 'hosted-only',
    otherwise: mode === 'remote-first' ? 'in-page' : 'nowhere',
  };
}
