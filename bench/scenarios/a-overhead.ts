import type { JSHandle } from '@playwright/test';
import type { BenchPage, Lab, Timed } from '../lab.js';
import type { Side } from '../page/side.js';
import type { TintypeSide } from '../page/tintype.js';
import { type Recording, recordTiles } from '../record-tiles.js';
import { interleave, pairedRatio, type Spread, spreadOf } from '../rounds.js';
import type { Scenario, Scope } from '../scenario.js';
import { type Bar, ratioText, verdict } from '../section.js';

/** Tintype's time over that of its unavoidable parts, at most; said for 1 MP and above. */
const TARGETS = { 'esrgan-slim-x2': 1.08, 'tintype-sr-x2': 1.15 } as const;

interface Case {
  readonly model: keyof typeof TARGETS;
  readonly megapixels: number;
  readonly output: 'image/png' | 'image/jpeg';
  readonly isIsolated: boolean;
}

interface Measured extends Case {
  readonly recording: Recording;
  readonly ratio: Spread;
  readonly firstTile: Spread;
  readonly tintype: readonly Timed[];
  readonly parts: readonly Timed[];
}

/** Our call against the parts that it cannot avoid. */
export const overhead: Scenario = {
  letter: 'a',
  async measure(lab, scope) {
    const measured: Measured[] = [];
    for (const one of cases(scope)) measured.push(await measureCase(lab, scope, one));
    return {
      letter: 'a',
      title: 'Our call against the parts that it cannot avoid',
      notes: [
        'A warm call, Blob to Blob, over decode + raw `session.run` of the very same tiles on as many single-threaded workers (inputs cut beforehand, outputs thrown away) + encode (of a canvas filled beforehand), one after another. Below 1 the call does some of it at the same time.',
        '"First tile": from the call to its first `onTile`, as a share of that call (calls of their own). 12 MP is measured with `tintype-sr-x2` only: `esrgan-slim-x2` would take minutes a round.',
      ],
      columns: [
        'model',
        'MP',
        'output',
        'isolated',
        'engines',
        'tiles',
        'ratio (quartiles)',
        'first tile at',
        'target',
      ],
      rows: measured.map(row),
      measures: measured,
      bars: measured.filter(({ isIsolated }) => !isIsolated).map(bar),
    };
  },
};

function cases({ pictures, isQuick }: Scope): Case[] {
  const plain = { output: 'image/png', isIsolated: false } as const;
  const all = (['tintype-sr-x2', 'esrgan-slim-x2'] as const).flatMap((model) =>
    pictures
      .filter((megapixels) => megapixels <= 1 || model === 'tintype-sr-x2')
      .flatMap((megapixels): Case[] => [
        { model, megapixels, ...plain },
        // Where the graph takes many seconds, neither the encoder nor isolation can show.
        ...(model === 'esrgan-slim-x2' ? [] : [{ model, megapixels, ...plain, output: 'image/jpeg' as const }]),
        ...(model === 'esrgan-slim-x2' || megapixels > 1 ? [] : [{ model, megapixels, ...plain, isIsolated: true }]),
      ]),
  );
  return isQuick ? all.filter(({ output, isIsolated }) => output === 'image/png' && !isIsolated) : all;
}

/** Long runs vary less, and the whole is to end within minutes. */
function roundsFor({ rounds }: Scope, { model, megapixels }: Case): number {
  return megapixels > 1 || model === 'esrgan-slim-x2' ? Math.min(rounds, 3) : rounds;
}

async function measureCase(lab: Lab, scope: Scope, one: Case): Promise<Measured> {
  const { model, megapixels, output, isIsolated } = one;
  console.error(`a: ${model}, ${megapixels} MP, ${output}${isIsolated ? ', isolated' : ''}`);
  const settings = { model, engines: lab.engines, output };
  const recording = await recordTiles(lab, megapixels, settings);
  const bench = await lab.open({ isIsolated });
  try {
    const picture = await bench.picture(megapixels);
    const tintype = await bench.side('tintype', { ...settings, picture });
    const result = await bench.result(tintype, picture);
    const parts = await bench.side('parts', { ...settings, ...recording, picture, result });
    const times = await interleave(
      { tintype: () => bench.time(tintype, picture), parts: () => bench.time(parts, picture) },
      roundsFor(scope, one),
    );
    await requireEngines(bench, tintype, recording.engines);
    const firstTiles = await interleave(
      {
        shares: () =>
          bench.page.evaluate(
            async ([side, picture]) => {
              const { firstTileMs, totalMs } = await (side as TintypeSide).firstTile(picture);
              return firstTileMs / totalMs;
            },
            [tintype, picture] as const,
          ),
      },
      roundsFor(scope, one) > 3 ? 3 : 1,
    );
    const ratio = pairedRatio(times.tintype.map(milliseconds), times.parts.map(milliseconds));
    console.error(`   ${ratioText(ratio)}`);
    return { ...one, recording, ratio, firstTile: spreadOf(firstTiles.shares), ...times };
  } finally {
    await bench.close();
  }
}

/** The parts are run as many at a time as Tintype ran them; the comparison is void if it ran them otherwise meanwhile. */
async function requireEngines({ page }: BenchPage, side: JSHandle<Side>, engines: number): Promise<void> {
  const used = await page.evaluate((side) => (side as TintypeSide).report().engines, side);
  if (used !== engines) throw new Error(`Tintype used ${used} engines, but ${engines} when its tiles were recorded.`);
}

function milliseconds({ ms }: Timed): number {
  return ms;
}

function row({ model, megapixels, output, isIsolated, recording, ratio, firstTile }: Measured): string[] {
  return [
    model,
    String(megapixels),
    output.slice('image/'.length),
    isIsolated ? 'yes' : 'no',
    String(recording.engines),
    String(recording.tiles.length),
    ratioText(ratio),
    `${Math.round(firstTile.median * 100)} %`,
    megapixels >= 1 ? verdict(TARGETS[model], ratio.median) : '(from 1 MP)',
  ];
}

function bar({ model, megapixels, output, tintype }: Measured): Bar {
  const phases = new Set(tintype.flatMap(({ timingsMs }) => Object.keys(timingsMs)));
  const timingsMs = Object.fromEntries(
    [...phases].map((phase) => [phase, spreadOf(tintype.map((timed) => timed.timingsMs[phase] ?? 0)).median]),
  );
  return { label: `${model}, ${megapixels} MP, ${output.slice('image/'.length)}`, timingsMs };
}
