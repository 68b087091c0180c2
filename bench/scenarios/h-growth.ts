import type { JSHandle } from '@playwright/test';
import type { BenchPage, Lab, Timed } from '../lab.js';
import { pixelsOf } from '../pictures.js';
import { interleave, pairedRatio, type Spread } from '../rounds.js';
import type { Scenario, Scope } from '../scenario.js';
import { ratioText, verdict } from '../section.js';

/** Time per pixel over that at 1 MP, at most: noise, not growth. */
const TARGET = 1.1;

const BASE_MEGAPIXELS = 1;

const CASES = [
  { model: 'tintype-sr-x2', megapixels: [0.1, 0.3, 1, 3, 12, 24] },
  { model: 'tintype-restore', megapixels: [0.1, 0.3, 1, 3, 12, 24] },
] as const;

interface Measured {
  readonly model: string;
  readonly megapixels: number;
  /** Time per pixel over that at 1 MP. */
  readonly ratio?: Spread;
  readonly times?: readonly Timed[];
  readonly refusal?: string;
}

/** Cost per pixel as pictures grow. */
export const growth: Scenario = {
  letter: 'h',
  async measure(lab, scope) {
    const measured: Measured[] = [];
    for (const { model, megapixels } of CASES) {
      const sizes = scope.isQuick ? megapixels.filter((size) => size <= 1) : megapixels;
      measured.push(...(await measureModel(lab, scope, model, sizes)));
    }
    return {
      letter: 'h',
      title: 'Cost as work grows: time per input pixel, over that at 1 MP',
      notes: [
        'One client, warm with all of its engines; JPEG to JPEG. Each round runs every size once. Below 1 a pixel costs less than at 1 MP; small pictures pay the fixed cost of a call.',
      ],
      columns: ['model', 'MP', 'time per pixel (quartiles)', 'target'],
      rows: measured.map(row),
      measures: measured,
    };
  },
};

async function measureModel(lab: Lab, scope: Scope, model: string, sizes: readonly number[]): Promise<Measured[]> {
  console.error(`h: ${model}`);
  const bench = await lab.open();
  try {
    const settings = {
      model,
      engines: lab.engines,
      output: 'image/jpeg',
      picture: await bench.picture(BASE_MEGAPIXELS),
    };
    const side = await bench.side('tintype', settings);
    const refusals = new Map<number, string>();
    const runs: Record<string, () => Promise<Timed>> = {};
    for (const size of sizes) {
      const picture = await bench.picture(size);
      const refusal = await tryOnce(bench, side, picture);
      if (refusal === undefined) runs[size] = () => bench.time(side, picture);
      else refusals.set(size, refusal);
    }
    const times = await interleave(runs, Math.min(scope.rounds, 2));
    const perPixel = (size: number): number[] => (times[size] ?? []).map(({ ms }) => ms / pixelsOf(size));
    return sizes.map((megapixels) => {
      const refusal = refusals.get(megapixels);
      if (refusal !== undefined) return { model, megapixels, refusal };
      const ratio = pairedRatio(perPixel(megapixels), perPixel(BASE_MEGAPIXELS));
      return { model, megapixels, ratio, times: times[megapixels] ?? [] };
    });
  } finally {
    await bench.close();
  }
}

/** Warms up for this size; says why where it cannot be done. */
async function tryOnce(
  bench: BenchPage,
  side: Awaited<ReturnType<BenchPage['side']>>,
  picture: JSHandle<Blob>,
): Promise<string | undefined> {
  try {
    await bench.time(side, picture);
    return undefined;
  } catch (caught) {
    return (String(caught).split('\n')[0] ?? '').slice(0, 160);
  }
}

function row({ model, megapixels, ratio, refusal }: Measured): string[] {
  if (ratio === undefined) return [model, String(megapixels), `refused: ${refusal ?? ''}`, ''];
  const isBase = megapixels === BASE_MEGAPIXELS;
  return [model, String(megapixels), isBase ? '1' : ratioText(ratio), isBase ? '' : verdict(TARGET, ratio.median)];
}
