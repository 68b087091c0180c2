import type { JSHandle } from '@playwright/test';
import type { BenchPage, Lab, Timed } from '../lab.js';
import { pixelsOf, sizeOfPicture } from '../pictures.js';
import { type Recording, recordTiles } from '../record-tiles.js';
import { interleave, pairedRatio, type Spread } from '../rounds.js';
import type { Scenario, Scope } from '../scenario.js';
import { ratioText, verdict } from '../section.js';

/** Time with tiles over time of the whole picture in one run, on one engine, at most. */
const TARGET = 1.15;

interface Case {
  readonly model: string;
  readonly megapixels: number;
}

interface Measured extends Case {
  readonly recording: Recording;
  /** Raw runs of the tiles over one raw run of the whole. Absent where the whole does not fit. */
  readonly runs?: Spread;
  /** Our call over decode + one raw run + encode. */
  readonly call?: Spread;
  readonly tintype?: readonly Timed[];
  readonly tiles?: readonly Timed[];
  readonly whole?: readonly Timed[];
  /** Why the whole picture could not be run at once. */
  readonly refusal?: string;
}

/** What cutting a picture into tiles costs, overlap included. */
export const tilePrice: Scenario = {
  letter: 'e',
  async measure(lab, scope) {
    const measured: Measured[] = [];
    for (const one of cases(scope)) measured.push(await measureCase(lab, scope, one));
    return {
      letter: 'e',
      title: 'The price of tiles: one engine, against one run of the whole picture',
      notes: [
        '"Runs": the sum of raw `session.run` over our tiles, over one raw `session.run` of the whole picture, in one worker. "Call": our whole call, over decode + that one run + encode. The first is the price of tiles and overlap alone; the second adds all else of ours. "Pixels": computed by tiles over pixels of the picture.',
        '`esrgan-slim-x2` up to 0.3 MP: a round of 1 MP on one engine takes minutes.',
      ],
      columns: ['model', 'MP', 'tiles', 'pixels', 'runs (quartiles)', 'call (quartiles)', 'target, of runs'],
      rows: measured.map(row),
      measures: measured,
    };
  },
};

function cases({ pictures, isQuick }: Scope): Case[] {
  const all = ['tintype-sr-x2', 'esrgan-slim-x2'].flatMap((model) =>
    pictures
      .filter((megapixels) => megapixels < 1 || (megapixels === 1 && model === 'tintype-sr-x2'))
      .map((megapixels) => ({ model, megapixels })),
  );
  return isQuick ? all.slice(0, 1) : all;
}

async function measureCase(lab: Lab, scope: Scope, one: Case): Promise<Measured> {
  const { model, megapixels } = one;
  console.error(`e: ${model}, ${megapixels} MP`);
  const settings = { model, engines: 1 };
  const recording = await recordTiles(lab, megapixels, settings);
  const bench = await lab.open();
  try {
    const picture = await bench.picture(megapixels);
    const tintype = await bench.side('tintype', { ...settings, picture });
    const raw = { ...settings, ...recording, picture, result: await bench.result(tintype, picture) };
    const tiles = await bench.side('parts', raw);
    const whole = await openWhole(bench, { ...raw, tiles: [sizeOfPicture(megapixels)] });
    if (typeof whole === 'string') return { ...one, recording, refusal: whole };
    const times = await interleave(
      {
        tintype: () => bench.time(tintype, picture),
        tiles: () => bench.time(tiles, picture),
        whole: () => bench.time(whole, picture),
      },
      model === 'esrgan-slim-x2' ? Math.min(scope.rounds, 3) : scope.rounds,
    );
    return {
      ...one,
      recording,
      runs: pairedRatio(times.tiles.map(tilesMs), times.whole.map(tilesMs)),
      call: pairedRatio(
        times.tintype.map(({ ms }) => ms),
        times.whole.map(({ ms }) => ms),
      ),
      ...times,
    };
  } finally {
    await bench.close();
  }
}

type PartsHandle = Awaited<ReturnType<BenchPage['side']>>;

/** The side, or why it cannot be: all activations of a whole picture may not fit into 4 GiB. */
async function openWhole(
  bench: BenchPage,
  settings: Parameters<BenchPage['side']>[1] & { readonly result: JSHandle<Blob> },
): Promise<PartsHandle | string> {
  try {
    return await bench.side('parts', settings);
  } catch (caught) {
    return (String(caught).split('\n')[0] ?? '').slice(0, 160);
  }
}

function tilesMs({ timingsMs }: Timed): number {
  return timingsMs.tiles ?? Number.NaN;
}

function row({ model, megapixels, recording, runs, call }: Measured): string[] {
  const computed = recording.tiles.reduce((sum, [width, height]) => sum + width * height, 0) / pixelsOf(megapixels);
  const start = [model, String(megapixels), String(recording.tiles.length), computed.toFixed(2)];
  if (runs === undefined || call === undefined) return [...start, 'whole does not fit', '', ''];
  return [...start, ratioText(runs), ratioText(call), verdict(TARGET, runs.median)];
}
