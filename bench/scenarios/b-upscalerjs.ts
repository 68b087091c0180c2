import type { BenchPage, Lab, Timed } from '../lab.js';
import { atLeast } from '../peers/at-least.js';
import { PSNR_NOTE, psnrOf } from '../peers/exams.js';
import { watchRequests } from '../peers/home-only.js';
import { interleave, pairedRatio, type Spread } from '../rounds.js';
import type { Scenario, Scope } from '../scenario.js';
import { ratioText } from '../section.js';

/** Its only network here, and the default of its catalogue at this scale. */
const THEIRS = 'esrgan-slim-x2';

/**
 * How many times as fast we are to be: the same weights in the form that we run by default (integers) and, for comparison only, in
 * float sums; and default against default.
 */
const TARGETS = { 'esrgan-slim-x2': 2.0, 'esrgan-slim-x2 in w8': undefined, 'tintype-sr-x2': 20 } as const;

type Ours = keyof typeof TARGETS;

interface Case {
  readonly megapixels: number;
  readonly isIsolated: boolean;
}

interface Measured extends Case {
  readonly ratios: Readonly<Record<Ours, Spread>>;
  readonly psnr: Readonly<Record<Ours | 'upscalerjs', number>>;
  readonly times: Readonly<Record<Ours | 'upscalerjs', readonly Timed[]>>;
}

/** Our call against UpscalerJS on its WASM back end. */
export const upscalerjs: Scenario = {
  letter: 'b',
  async measure(lab, scope) {
    const measured: Measured[] = [];
    for (const one of cases(scope)) measured.push(await measureCase(lab, scope, one));
    return {
      letter: 'b',
      title: 'UpscalerJS 1.0.0, WASM back end',
      notes: [
        "How many times as long UpscalerJS takes, warm, Blob to Blob (PNG). Its fastest settings of those tried: the whole picture at once, a tensor out, SIMD, in the page's own thread. Its back end takes no more threads than half of the cores, and none without isolation.",
        'Ours are the files that we take by default on WASM: of esrgan-slim-x2 the integer form (u8), with the same in float sums (w8) beside it. Their weights are float32.',
        PSNR_NOTE,
        '12 MP are not measured: at once they end with "memory access out of bounds" in its WASM heap, and in patches they would take minutes a round.',
      ],
      columns: ['ours', 'theirs', 'MP', 'isolated', 'ratio (quartiles)', 'our PSNR', 'their PSNR', 'target'],
      rows: measured.flatMap(rows),
      measures: measured,
    };
  },
};

function cases({ pictures, isQuick }: Scope): Case[] {
  const sizes = pictures.filter((megapixels) => megapixels <= 1);
  const isolated = sizes.slice(0, 1).map((megapixels) => ({ megapixels, isIsolated: true }));
  return [...sizes.map((megapixels) => ({ megapixels, isIsolated: false })), ...(isQuick ? [] : isolated)];
}

async function measureCase(lab: Lab, scope: Scope, one: Case): Promise<Measured> {
  const { megapixels, isIsolated } = one;
  console.error(`b: UpscalerJS, ${megapixels} MP${isIsolated ? ', isolated' : ''}`);
  const bench = await lab.open({ isIsolated });
  const requireHomeOnly = watchRequests(bench);
  try {
    const measured = await timeSides(bench, lab, {
      megapixels,
      rounds: Math.min(scope.rounds, megapixels < 1 ? 5 : 3),
    });
    requireHomeOnly();
    return { ...one, ...measured };
  } finally {
    await bench.close();
  }
}

async function timeSides(
  bench: BenchPage,
  { engines }: Lab,
  { megapixels, rounds }: { readonly megapixels: number; readonly rounds: number },
): Promise<Pick<Measured, 'ratios' | 'psnr' | 'times'>> {
  const picture = await bench.picture(megapixels);
  const slim = await bench.side('tintype', { model: 'esrgan-slim-x2', engines, picture });
  const float = await bench.side('tintype', { model: 'esrgan-slim-x2', dtype: 'w8', engines, picture });
  const usual = await bench.side('tintype', { model: 'tintype-sr-x2', engines, picture });
  const theirs = await bench.side('upscalerjs', { model: THEIRS, engines, picture });
  const psnr = {
    'esrgan-slim-x2': await psnrOf(bench, slim),
    'esrgan-slim-x2 in w8': await psnrOf(bench, float),
    'tintype-sr-x2': await psnrOf(bench, usual),
    upscalerjs: await psnrOf(bench, theirs),
  };
  const times = await interleave(
    {
      'esrgan-slim-x2': () => bench.time(slim, picture),
      'esrgan-slim-x2 in w8': () => bench.time(float, picture),
      'tintype-sr-x2': () => bench.time(usual, picture),
      upscalerjs: () => bench.time(theirs, picture),
    },
    rounds,
  );
  const ratioTo = (ours: Ours): Spread => pairedRatio(times.upscalerjs.map(ms), times[ours].map(ms));
  return {
    ratios: {
      'esrgan-slim-x2': ratioTo('esrgan-slim-x2'),
      'esrgan-slim-x2 in w8': ratioTo('esrgan-slim-x2 in w8'),
      'tintype-sr-x2': ratioTo('tintype-sr-x2'),
    },
    psnr,
    times,
  };
}

function ms(timed: Timed): number {
  return timed.ms;
}

function rows({ megapixels, isIsolated, ratios, psnr }: Measured): string[][] {
  return (Object.keys(TARGETS) as Ours[]).map((ours) => [
    ours,
    THEIRS,
    String(megapixels),
    isIsolated ? 'yes' : 'no',
    ratioText(ratios[ours]),
    psnr[ours].toFixed(2),
    psnr.upscalerjs.toFixed(2),
    TARGETS[ours] === undefined ? '' : atLeast(TARGETS[ours], ratios[ours].median),
  ]);
}
