import type { Lab } from '../lab.js';
import type { PromptedSettings } from '../page/tintype.js';
import { canWatchRenderers, peakGrowth } from '../renderer-memory.js';
import { interleave, pairedRatio, type Spread, spreadOf } from '../rounds.js';
import type { Scope } from '../scenario.js';
import { ratioText, type Table } from '../section.js';

const MEBIBYTE = 1024 * 1024;

/** Peak growth of all renderer processes at one size, in bytes, one entry per round. */
interface Measured {
  readonly sidePx: number;
  readonly resident: readonly number[];
  readonly sequential: readonly number[];
  /** Sequential over resident. */
  readonly ratio: Spread;
}

/** Makes the same first call with all graphs open and with graphs that take turns, each time in a new page. */
export async function compareResidency(
  lab: Lab,
  scope: Scope,
  call: Pick<PromptedSettings, 'model' | 'parameters'> & { readonly sidesPx: readonly number[] },
): Promise<Measured[]> {
  const measured: Measured[] = [];
  if (!canWatchRenderers) return measured;
  const { sidesPx, ...settings } = call;
  for (const sidePx of sidesPx) {
    console.error(`i: residency, ${sidePx} px`);
    const grow = (residency: 'resident' | 'sequential') => growth(lab, sidePx, { ...settings, residency });
    const bytes = await interleave(
      { resident: () => grow('resident'), sequential: () => grow('sequential') },
      Math.min(scope.rounds, 3),
    );
    measured.push({ sidePx, ...bytes, ratio: pairedRatio(bytes.sequential, bytes.resident) });
  }
  return measured;
}

async function growth(
  lab: Lab,
  sidePx: number,
  settings: Pick<PromptedSettings, 'model' | 'parameters' | 'residency'>,
): Promise<number> {
  const bench = await lab.open();
  try {
    const picture = await bench.picture([sidePx, sidePx]);
    // Without a picture to warm up with: the first call is what is watched.
    const side = await bench.side('tintype', { ...settings, engines: 1 });
    return await peakGrowth(lab.browser, () => bench.result(side, picture));
  } finally {
    await bench.close();
  }
}

/** No target: the figures alone are wanted. */
export function residencyTable(measured: readonly Measured[]): Table {
  return {
    notes: canWatchRenderers
      ? [
          'Residency: a first call in a new page, guidance off, one engine; how much the resident memory of all renderer processes grew at most, read every 20 ms. `resident` keeps all graphs open, `sequential` releases each for the next. A WASM heap never shrinks: a graph that is released leaves room for the next one in the same heap and gives nothing back to the system before the engine ends. So the peak is that of the largest stage, not of the sum; the less the weights are against the activations, the less `sequential` can save.',
        ]
      : ['Residency: not measured; memory is read from /proc, which this system does not have.'],
    columns: ['px', '`resident`, MiB', '`sequential`, MiB', 'sequential over resident (quartiles)'],
    rows: measured.map(({ sidePx, resident, sequential, ratio }) => [
      String(sidePx),
      mebibytes(resident),
      mebibytes(sequential),
      ratioText(ratio),
    ]),
  };
}

function mebibytes(bytes: readonly number[]): string {
  return String(Math.round(spreadOf(bytes).median / MEBIBYTE));
}
