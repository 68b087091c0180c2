import type { Lab, Timed } from '../lab.js';
import { atLeast } from '../peers/at-least.js';
import { PSNR_NOTE, psnrOf } from '../peers/exams.js';
import { watchRequests } from '../peers/home-only.js';
import { interleave, pairedRatio, type Spread } from '../rounds.js';
import type { Scenario, Scope } from '../scenario.js';
import { ratioText } from '../section.js';

/** How many times as fast we are to be with the same weights. */
const TARGETS = { isolated: 1.3, notIsolated: 1.7 } as const;

interface Case {
  readonly model: 'esrgan-slim-x2' | 'tintype-sr-x2';
  readonly megapixels: number;
  readonly isIsolated: boolean;
}

interface Measured extends Case {
  readonly ratio: Spread;
  readonly psnr: { readonly tintype: number; readonly transformers: number };
  readonly tintype: readonly Timed[];
  readonly transformers: readonly Timed[];
}

/** Our call against transformers.js' pipeline on the same weights. */
export const transformers: Scenario = {
  letter: 'c',
  async measure(lab, scope) {
    const measured: Measured[] = [];
    for (const one of cases(scope)) measured.push(await measureCase(lab, scope, one));
    return {
      letter: 'c',
      title: 'transformers.js 4.3.1, `image-to-image` pipeline on WASM, the same weights',
      notes: [
        `How many times as long transformers.js takes, warm, Blob to Blob (PNG). Its weights are the same in float32, as a repository of type swin2sr, without padding. Threads: ${lab.engines} where the page is isolated (its own default is half of the cores), else one, as everywhere. Ours are the files that we take by default on WASM: u8 (integers) for esrgan-slim-x2, w8 (float sums) for tintype-sr-x2. esrgan-slim-x2 at 0.3 MP only: more takes minutes a round.`,
        PSNR_NOTE,
      ],
      columns: ['model', 'MP', 'isolated', 'ratio (quartiles)', 'our PSNR', 'their PSNR', 'target'],
      rows: measured.map(row),
      measures: measured,
    };
  },
};

function cases({ pictures, isQuick }: Scope): Case[] {
  return (['tintype-sr-x2', 'esrgan-slim-x2'] as const).flatMap((model) =>
    pictures
      .filter((megapixels) => megapixels < 1 || model === 'tintype-sr-x2')
      .flatMap((megapixels) =>
        (isQuick || megapixels > 1 ? [false] : [false, true]).map((isIsolated) => ({ model, megapixels, isIsolated })),
      ),
  );
}

async function measureCase(lab: Lab, scope: Scope, one: Case): Promise<Measured> {
  const { model, megapixels, isIsolated } = one;
  console.error(`c: transformers.js, ${model}, ${megapixels} MP${isIsolated ? ', isolated' : ''}`);
  const bench = await lab.open({ isIsolated });
  const requireHomeOnly = watchRequests(bench);
  try {
    const picture = await bench.picture(megapixels);
    const settings = { model, engines: lab.engines, picture };
    const ours = await bench.side('tintype', settings);
    const theirs = await bench.side('transformers.js', settings);
    const psnr = { tintype: await psnrOf(bench, ours), transformers: await psnrOf(bench, theirs) };
    const times = await interleave(
      { tintype: () => bench.time(ours, picture), transformers: () => bench.time(theirs, picture) },
      roundsFor(scope, one),
    );
    requireHomeOnly();
    return { ...one, psnr, ratio: pairedRatio(times.transformers.map(ms), times.tintype.map(ms)), ...times };
  } finally {
    await bench.close();
  }
}

/** Long runs vary less, and the whole is to end within minutes. */
function roundsFor({ rounds }: Scope, { model, megapixels }: Case): number {
  const isLong = megapixels > 1 || model === 'esrgan-slim-x2';
  return isLong ? Math.min(rounds, 3) : rounds;
}

function ms(timed: Timed): number {
  return timed.ms;
}

function row({ model, megapixels, isIsolated, ratio, psnr }: Measured): string[] {
  return [
    model,
    String(megapixels),
    isIsolated ? 'yes' : 'no',
    ratioText(ratio),
    psnr.tintype.toFixed(2),
    psnr.transformers.toFixed(2),
    atLeast(isIsolated ? TARGETS.isolated : TARGETS.notIsolated, ratio.median),
  ];
}
