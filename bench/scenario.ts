import type { Lab } from './lab.js';
import type { Section } from './section.js';

/** How much is to be measured. */
export interface Scope {
  /** Megapixels to be measured, where a scenario has a choice. */
  readonly pictures: readonly number[];
  /** Rounds for a run of about a second; scenarios take fewer for long ones. */
  readonly rounds: number;
  /** One small round of everything, to see that it works. */
  readonly isQuick: boolean;
}

/** One question of the bench. */
export interface Scenario {
  /** a to h: of issue 4, item 1; i: prompted editing. */
  readonly letter: string;
  measure(lab: Lab, scope: Scope): Promise<Section>;
}
