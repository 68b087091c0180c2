import type { JSHandle } from '@playwright/test';
import type { BenchPage, Lab, Timed } from '../lab.js';
import type { Side } from '../page/side.js';
import type { PromptedSettings, TintypeSide } from '../page/tintype.js';
import { recordRuns } from '../record-runs.js';
import { interleave, pairedRatio, type Spread } from '../rounds.js';
import type { Scenario, Scope } from '../scenario.js';
import { ratioText, verdict } from '../section.js';
import { compareResidency, residencyTable } from './i-residency.js';

/** Tintype's time on one engine over that of its unavoidable parts, at most. */
const TARGET = 1.1;

const MODEL = 'instruct-pix2pix-micro';

const SIDES_PX = [256, 512] as const;

/** Text encoder, VAE encoder, VAE decoder: each once per call. */
const OTHER_RUNS = 3;

interface Guidance {
  readonly name: string;
  readonly steps: number;
  /** Runs of the U-Net per step. */
  readonly rows: number;
  readonly parameters: PromptedSettings['parameters'];
}

// The seed is fixed so that all rounds work on the same numbers.
const OFF: Guidance = {
  name: 'off',
  steps: 4,
  rows: 1,
  parameters: { num_inference_steps: 4, guidance_scale: 1, seed: 1 },
};
const ON: Guidance = {
  name: '1.5, picture 1.5',
  steps: 8,
  rows: 3,
  parameters: { num_inference_steps: 8, guidance_scale: 1.5, image_guidance_scale: 1.5, seed: 1 },
};

interface Case {
  readonly sidePx: number;
  readonly guidance: Guidance;
}

interface Measured extends Case {
  /** One engine over the parts. */
  readonly one: Spread;
  /** Several engines that share the rows of each step. Absent where there are no rows to share, or no second engine. */
  readonly shared?: {
    readonly engines: number;
    /** Over the parts, which one engine runs. */
    readonly ratio: Spread;
    /** One engine's time over theirs. */
    readonly timesAsFast: Spread;
  };
  readonly times: Readonly<Record<string, readonly Timed[]>>;
}

/** A prompted call against the runs that it cannot avoid, and what residency is worth. */
export const loopCost: Scenario = {
  letter: 'i',
  async measure(lab, scope) {
    const measured: Measured[] = [];
    for (const one of cases(scope)) measured.push(await measureCase(lab, scope, one));
    const sidesPx = scope.isQuick ? SIDES_PX.slice(0, 1) : SIDES_PX;
    const residency = await compareResidency(lab, scope, {
      model: MODEL,
      parameters: OFF.parameters,
      sidesPx,
    });
    return {
      letter: 'i',
      title: "The loop's own cost: a prompted edit against the runs that it cannot avoid",
      notes: [
        `\`${MODEL}\` on WASM: a warm call, Blob to Blob (PNG), over decode + raw \`session.run\` of the very same stages with the very inputs that our engine was given in such a call (text encoder, VAE encoder, the U-Net row by row and step by step, VAE decoder; outputs thrown away) + encode (of a canvas filled beforehand), in one plain worker, one after another. On top of that we cut the prompt into tokens, draw the noise, run the scheduler, combine the rows, convert pixels and hand tensors between two workers.`,
        `The prompt is a new one in every round, so both sides run the text encoder once; the negative prompt is empty and known from the call before. "Rows shared": the three rows of each guided step go to several engines, over the same parts on one. Three rows on two engines take two turns, so that is at best 1.5 times as fast. No target for it.`,
      ],
      columns: [
        'px',
        'guidance',
        'steps',
        'U-Net runs',
        'engines',
        'ratio (quartiles)',
        'target',
        'against one engine',
      ],
      rows: measured.flatMap(rows),
      more: [residencyTable(residency)],
      measures: { calls: measured, residency },
    };
  },
};

function cases({ isQuick }: Scope): Case[] {
  const sides = isQuick ? SIDES_PX.slice(0, 1) : SIDES_PX;
  return sides.flatMap((sidePx) => [OFF, ON].map((guidance) => ({ sidePx, guidance })));
}

/** Long runs vary less, and the whole is to end within minutes. */
function roundsFor({ rounds }: Scope, { sidePx, guidance }: Case): number {
  return sidePx > 256 && guidance.rows > 1 ? Math.min(rounds, 3) : rounds;
}

async function measureCase(lab: Lab, scope: Scope, one: Case): Promise<Measured> {
  const { sidePx, guidance } = one;
  console.error(`i: ${sidePx} px, guidance ${guidance.name}`);
  const bench = await lab.open();
  try {
    const picture = await bench.picture([sidePx, sidePx]);
    const settings = { model: MODEL, parameters: guidance.parameters, picture };
    const runs = await recordRuns(bench, { ...settings, engines: 1 }, OTHER_RUNS + guidance.steps * guidance.rows);
    const ours = await bench.side('tintype', { ...settings, engines: 1 });
    const result = await bench.result(ours, picture);
    const parts = await bench.side('stages', { ...settings, engines: 1, runs, result });
    const engines = Math.min(lab.engines, guidance.rows);
    const sharing = engines > 1 ? await bench.side('tintype', { ...settings, engines }) : undefined;
    const times: Record<string, Timed[]> = await interleave(
      {
        one: () => timeOurs(bench, ours, picture, 1),
        parts: () => bench.time(parts, picture),
        ...(sharing === undefined ? {} : { shared: () => timeOurs(bench, sharing, picture, engines) }),
      },
      roundsFor(scope, one),
    );
    const ratio = (side: string, base: string): Spread => pairedRatio(msOf(times[side]), msOf(times[base]));
    const measured: Measured = { ...one, one: ratio('one', 'parts'), times };
    console.error(`   ${ratioText(measured.one)}`);
    if (sharing === undefined) return measured;
    return {
      ...measured,
      shared: { engines, ratio: ratio('shared', 'parts'), timesAsFast: ratio('one', 'shared') },
    };
  } finally {
    await bench.close();
  }
}

/** The comparison is void if a call ran on other engines than it should, or found its prompt's embedding ready. */
async function timeOurs(
  bench: BenchPage,
  side: JSHandle<Side>,
  picture: JSHandle<Blob>,
  engines: number,
): Promise<Timed> {
  const timed = await bench.time(side, picture);
  const used = await bench.page.evaluate((side) => (side as TintypeSide).report().engines, side);
  if (used !== engines) throw new Error(`Tintype used ${used} engines, not ${engines}.`);
  if (timed.timingsMs['text-encoder'] === undefined)
    throw new Error('Tintype knew the prompt: it must be a fresh one.');
  return timed;
}

function msOf(times: readonly Timed[] = []): number[] {
  return times.map(({ ms }) => ms);
}

function rows({ sidePx, guidance, one, shared }: Measured): string[][] {
  const { name, steps } = guidance;
  const start = [String(sidePx), name, String(steps), String(steps * guidance.rows)];
  const alone = [...start, '1', ratioText(one), verdict(TARGET, one.median), ''];
  if (shared === undefined) return [alone];
  const { engines, ratio, timesAsFast } = shared;
  return [
    alone,
    [...start, `${engines}, rows shared`, ratioText(ratio), '', `${ratioText(timesAsFast)} times as fast`],
  ];
}
