import type { Lab } from '../lab.js';
import { type NodeSession, openNodeSession, type Size } from '../peers/node-session.js';
import { sizeOfPicture } from '../pictures.js';
import { recordTiles } from '../record-tiles.js';
import { interleave, pairedRatio, type Spread, spreadOf } from '../rounds.js';
import type { Scenario, Scope } from '../scenario.js';
import { ratioText } from '../section.js';

interface Case {
  readonly model: 'esrgan-slim-x2' | 'tintype-sr-x2';
  readonly megapixels: number;
}

interface Measured extends Case {
  readonly fastest: 'whole' | 'tiles';
  readonly ratio: Spread;
  readonly tintypeMs: readonly number[];
  readonly wholeMs: readonly number[];
  readonly tilesMs: readonly number[];
}

/** Our tiles against the same network on the processor without a browser: the practical limit. Reported as it is. */
export const node: Scenario = {
  letter: 'd',
  async measure(lab, scope) {
    const measured: Measured[] = [];
    for (const one of cases(scope)) measured.push(await measureCase(lab, scope, one));
    return {
      letter: 'd',
      title: 'onnxruntime-node 1.30.0: what this processor can do without a browser',
      notes: [
        `How many times as long the tiles of a warm call take (\`timingsMs.tiles\` of its report: cutting, running, joining) as \`session.run\` of onnxruntime-node with ${lab.engines} threads on the same file; without decoding and encoding. Of the whole picture at once and the very same tiles one after another, the faster in each case. It uses instructions that WebAssembly does not have (256-bit vectors and wider, fused multiply-add). No target.`,
      ],
      columns: ['model', 'MP', 'their fastest', 'ratio (quartiles)'],
      rows: measured.map(({ model, megapixels, fastest, ratio }) => [
        model,
        String(megapixels),
        fastest === 'whole' ? 'whole picture' : 'tiles',
        ratioText(ratio),
      ]),
      measures: measured,
    };
  },
};

function cases({ pictures }: Scope): Case[] {
  return (['tintype-sr-x2', 'esrgan-slim-x2'] as const).flatMap((model) =>
    pictures
      .filter((megapixels) => megapixels < 1 || model === 'tintype-sr-x2')
      .map((megapixels) => ({ model, megapixels })),
  );
}

async function measureCase(lab: Lab, scope: Scope, one: Case): Promise<Measured> {
  const { model, megapixels } = one;
  console.error(`d: onnxruntime-node, ${model}, ${megapixels} MP`);
  const settings = { model, engines: lab.engines };
  const { tiles, dtype } = await recordTiles(lab, megapixels, settings);
  const native = await openNodeSession(model, dtype, lab.engines);
  try {
    return { ...one, ...(await timeSides(lab, native, { ...one, tiles, rounds: roundsFor(scope, one) })) };
  } finally {
    await native.release();
  }
}

async function timeSides(
  lab: Lab,
  native: NodeSession,
  { model, megapixels, tiles, rounds }: Case & { readonly tiles: readonly Size[]; readonly rounds: number },
): Promise<Omit<Measured, keyof Case>> {
  const bench = await lab.open();
  try {
    const picture = await bench.picture(megapixels);
    const ours = await bench.side('tintype', { model, engines: lab.engines, picture });
    const whole = [sizeOfPicture(megapixels)];
    await native.time(whole);
    const times = await interleave(
      {
        tintypeMs: async () => (await bench.time(ours, picture)).timingsMs.tiles ?? Number.NaN,
        wholeMs: () => native.time(whole),
        tilesMs: () => native.time(tiles),
      },
      rounds,
    );
    const isWhole = spreadOf(times.wholeMs).median <= spreadOf(times.tilesMs).median;
    const ratio = pairedRatio(times.tintypeMs, isWhole ? times.wholeMs : times.tilesMs);
    return { fastest: isWhole ? 'whole' : 'tiles', ratio, ...times };
  } finally {
    await bench.close();
  }
}

/** Long runs vary less, and the whole is to end within minutes. */
function roundsFor({ rounds }: Scope, { model, megapixels }: Case): number {
  const isLong = megapixels > 1 || model === 'esrgan-slim-x2';
  return isLong ? Math.min(rounds, 3) : rounds;
}
