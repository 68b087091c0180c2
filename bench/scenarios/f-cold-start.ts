import { statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Lab } from '../lab.js';
import type { ColdParts } from '../page/cold-parts.js';
import type { TintypeSide } from '../page/tintype.js';
import { interleave, pairedRatio, type Spread } from '../rounds.js';
import type { Scenario } from '../scenario.js';
import { ratioText, verdict } from '../section.js';

/** First result over compile + session + one tile, at most. */
const TARGET = 1.5;

/** Input pixels on each side: one tile. */
const SIDE_PX = 256;

const MODELS = ['tintype-sr-x2', 'esrgan-slim-x2'] as const;

interface Measured {
  readonly model: string;
  readonly dtype: string;
  /** Over runtime fetched and compiled + session created + one run. */
  readonly strict: Spread;
  /** Over that + worker started + model fetched. */
  readonly whole: Spread;
  /** Bytes of the first call, by kind of file. */
  readonly downloads: Readonly<Record<string, number>>;
  readonly firstResultMs: readonly number[];
  readonly parts: readonly ColdParts[];
}

/** From a loaded page with empty caches to the first result. */
export const coldStart: Scenario = {
  letter: 'f',
  async measure(lab, { rounds, isQuick }) {
    const measured: Measured[] = [];
    for (const model of MODELS) measured.push(await measureModel(lab, model, isQuick ? 1 : rounds));
    return {
      letter: 'f',
      title: 'Cold start: the first result from an empty cache',
      notes: [
        `A new browser context for each measurement; the page is loaded, then a new client's first call on ${SIDE_PX} x ${SIDE_PX} pixels is timed, on WASM. "Ratio": over the sum of runtime fetched and compiled, session created, and one run, in one plain worker that has started already. "With worker and model": the same, with the worker's start and the model's download in the sum too.`,
        'Bytes are those of the files, uncompressed, as the server of the bench sends them; the page itself was loaded before. That server forbids caching, so a file that two workers fetch counts twice.',
      ],
      columns: ['model', 'ratio (quartiles)', 'with worker and model', 'target, of the first', 'downloaded'],
      rows: measured.map(row),
      measures: measured,
    };
  },
};

async function measureModel(lab: Lab, model: string, rounds: number): Promise<Measured> {
  console.error(`f: ${model}`);
  let downloads: Readonly<Record<string, number>> = {};
  let dtype = 'w8';
  const times = await interleave(
    {
      firstResultMs: async () => {
        const first = await firstResult(lab, model);
        ({ downloads, dtype } = first);
        return first.ms;
      },
      parts: () => coldParts(lab, model, dtype),
    },
    rounds,
  );
  const strict = times.parts.map(({ openMs, runMs }) => openMs + runMs);
  const whole = times.parts.map(({ openMs, runMs, workerMs, modelMs }) => openMs + runMs + workerMs + modelMs);
  return {
    model,
    dtype,
    downloads,
    strict: pairedRatio(times.firstResultMs, strict),
    whole: pairedRatio(times.firstResultMs, whole),
    ...times,
  };
}

interface FirstResult {
  readonly ms: number;
  readonly dtype: string;
  readonly downloads: Readonly<Record<string, number>>;
}

async function firstResult(lab: Lab, model: string): Promise<FirstResult> {
  const bench = await lab.open();
  try {
    // The application's own script and its picture are there before the user asks for anything.
    const ready = await bench.page.evaluateHandle(
      async (side) => ({
        side: await window.bench.create('tintype'),
        picture: await window.bench.drawPicture(side, side),
      }),
      SIDE_PX,
    );
    const requestsBefore = bench.server.requests.length;
    const { ms, dtype } = await bench.page.evaluate(
      async ([{ side, picture }, model, engines]) => {
        const started = performance.now();
        await side.prepare({ model, engines });
        await side.run(picture);
        return { ms: performance.now() - started, dtype: (side as TintypeSide).report().dtype };
      },
      [ready, model, lab.engines] as const,
    );
    const paths = bench.server.requests.slice(requestsBefore).map(({ path }) => path);
    return { ms, dtype: dtype ?? 'w8', downloads: bytesByKind(lab.folder, paths) };
  } finally {
    await bench.close();
  }
}

async function coldParts(lab: Lab, model: string, dtype: string): Promise<ColdParts> {
  const bench = await lab.open();
  try {
    return await bench.page.evaluate(([model, dtype, side]) => window.bench.measureColdParts(model, dtype, side), [
      model,
      dtype,
      SIDE_PX,
    ] as const);
  } finally {
    await bench.close();
  }
}

function bytesByKind(folder: string, paths: readonly string[]): Record<string, number> {
  const bytes: Record<string, number> = {};
  for (const path of paths) {
    const kind = extname(path).slice(1);
    bytes[kind] = (bytes[kind] ?? 0) + statSync(join(folder, path)).size;
  }
  return bytes;
}

function row({ model, strict, whole, downloads }: Measured): string[] {
  const bytes = Object.entries(downloads).map(([kind, size]) => `${kind} ${Math.round(size / 1000)} kB`);
  return [model, ratioText(strict), ratioText(whole), verdict(TARGET, strict.median), bytes.join(', ')];
}
