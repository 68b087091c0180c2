import { describe, expect, it } from 'vitest';
import { readTrajectory } from '../../../fixtures/diffusion/read-fixtures.js';
import {
  type RunEvent,
  runsOf,
  trajectoryOptions,
  type WatchedOptions,
} from '../../../fixtures/diffusion/trajectory-options.js';
import type { Stage } from '../../contract/manifest.js';
import type { Picture } from '../../contract/picture.js';
import type { Tensors } from '../engine.js';
import { type DiffusionOptions, runDiffusion } from './diffusion.js';

// How a call goes; what it computes is compared in diffusion-trajectories.test.ts.

const STAGES: readonly Stage[] = ['text_encoder', 'vae_encoder', 'unet', 'vae_decoder'];

/** A recorded run with some options changed. */
function call(
  id: string,
  changed: Partial<DiffusionOptions> = {},
  change?: (stage: Stage, outputs: Tensors) => Tensors,
): WatchedOptions {
  const { options, events } = trajectoryOptions(readTrajectory(id), change);
  return { options: { ...options, ...changed }, events };
}

function openings(events: readonly RunEvent[]): Stage[] {
  return events.flatMap((event) => (event.kind === 'opened' ? [event.stage] : []));
}

function largestDifference(actual: Picture, expected: Picture): number {
  expect([actual.width, actual.height]).toEqual([expected.width, expected.height]);
  return Math.max(...actual.data.map((value, at) => Math.abs(value - (expected.data[at] ?? Number.NaN))));
}

describe('stages', () => {
  it('opens each graph once, in order, and uses none after the next is open', async () => {
    const { options, events } = call('inpaint9-s06');
    await runDiffusion(options);
    expect(openings(events)).toEqual(STAGES);
    const used = events.flatMap((event) => (event.kind === 'ran' || event.kind === 'opened' ? [event.stage] : []));
    const order = used.map((stage) => STAGES.indexOf(stage));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it('tells of each stage around its opening and its runs, and of each step', async () => {
    const { options, events } = call('inpaint4-pndm');
    await runDiffusion(options);
    const told = events.flatMap((event) => {
      if (event.kind === 'opened') return [`open ${event.stage}`];
      if (event.kind === 'stage') return [`${event.state} ${event.stage}`];
      return event.kind === 'step' ? [`${event.done} of ${event.total}`] : [];
    });
    const stage = (name: Stage, ...steps: string[]) => [`begun ${name}`, `open ${name}`, ...steps, `done ${name}`];
    expect(told).toEqual([
      ...stage('text_encoder'),
      ...stage('vae_encoder'),
      ...stage('unet', '0 of 4', '1 of 4', '2 of 4', '3 of 4', '4 of 4'),
      ...stage('vae_decoder'),
    ]);
  });
});

describe('rows', () => {
  it.each(['ip2p-eulera', 'img2img-euler-trailing'])('%s: one by one they give what all at once give', async (id) => {
    const batch = call(id);
    const loop = call(id, { rows: 'loop' });
    expect(largestDifference(await runDiffusion(loop.options), await runDiffusion(batch.options))).toBeLessThanOrEqual(
      1,
    );
    const rows = readTrajectory(id).case.cfg_rows;
    expect(rows).toBeGreaterThan(1);
    expect(runsOf(loop.events, 'unet').length).toBe(rows * runsOf(batch.events, 'unet').length);
  });

  it.each(['ip2p-nocfg', 'img2img-turbo', 'lcm-cond'])(
    '%s: without guidance the negative prompt is not encoded',
    async (id) => {
      const { options, events } = call(id);
      await runDiffusion({ ...options, tokens: { ...options.tokens, negative: options.tokens.prompt.map(() => 1) } });
      expect(runsOf(events, 'text_encoder').length).toBe(1);
      expect(options.embeddings.size).toBe(1);
    },
  );
});

describe('embeddings', () => {
  it('are kept by their ids: the second call opens no text encoder and gives the same', async () => {
    const first = call('ip2p-ddim');
    const picture = await runDiffusion(first.options);
    const { embeddings } = first.options;
    expect(embeddings.size).toBe(2);
    const second = call('ip2p-ddim', { embeddings });
    expect(await runDiffusion(second.options)).toEqual(picture);
    expect(openings(second.events)).toEqual(STAGES.slice(1));
    expect(second.events).not.toContainEqual(expect.objectContaining({ kind: 'stage', stage: 'text_encoder' }));
  });

  it('only what is new is encoded', async () => {
    const first = call('img2img-negative-list');
    await runDiffusion(first.options);
    const { embeddings, tokens } = first.options;
    const second = call('img2img-negative-list', {
      embeddings,
      tokens: { ...tokens, prompt: readTrajectory('img2img-pndm').case.ids.prompt },
    });
    await runDiffusion(second.options);
    expect(runsOf(second.events, 'text_encoder').length).toBe(1);
    expect(embeddings.size).toBe(3);
  });
});

describe('previews', () => {
  it('come after every step but the last, of what the step foresees, and change nothing', async () => {
    const trajectory = readTrajectory('ip2p-sample-prediction');
    const previews: [number, Picture][] = [];
    const { options, events } = call('ip2p-sample-prediction', {
      onPreview: (step, picture) => previews.push([step, picture]),
    });
    const result = await runDiffusion(options);
    expect(result).toEqual(await runDiffusion(call('ip2p-sample-prediction').options));
    expect(previews.map(([step]) => step)).toEqual([1, 2, 3]);
    for (const [, { width, height }] of previews) expect([width, height]).toEqual([result.width, result.height]);
    expect(openings(events)).toEqual(STAGES);
    const decodings = runsOf(events, 'vae_decoder');
    expect(decodings.length).toBe(4);
    // Where the U-Net predicts the sample itself, that is what a step foresees.
    for (const [at, { guided }] of trajectory.case.steps.slice(0, -1).entries()) {
      const given = decodings[at]?.inputs.latent_sample?.data as Float32Array;
      const expected = trajectory.tensors.floats(guided);
      const scale = trajectory.case.scaling_factor;
      const most = Math.max(...expected.map((value, index) => Math.abs((given[index] ?? Number.NaN) * scale - value)));
      expect(most / Math.max(...expected.map(Math.abs))).toBeLessThan(2e-4);
    }
  });

  it('there is none of a single step', async () => {
    const { options, events } = call('lcm-cond-1step', { onPreview: () => expect.unreachable() });
    await runDiffusion(options);
    expect(runsOf(events, 'vae_decoder').length).toBe(1);
  });
});

describe('numbers that are not finite', () => {
  const spoil = (outputs: Tensors, value: number): Tensors =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => {
        const data = Float32Array.from(output.data as Float32Array);
        data[data.length >> 2] = value;
        return [name, { ...output, data }];
      }),
    );

  it.each(STAGES)('end the call: %s', async (stage) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { options, events } = call('img2img-ddim-eta', {}, (of, outputs) =>
        of === stage ? spoil(outputs, value) : outputs,
      );
      await expect(runDiffusion(options)).rejects.toMatchObject({
        code: 'inference-failed',
        phase: 'run',
        details: { reason: 'not-finite', stage },
        message: expect.stringContaining("device: 'wasm'"),
      });
      expect(runsOf(events, stage).length).toBe(1);
      if (stage === 'text_encoder') expect(options.embeddings.size).toBe(0);
    }
  });
});

describe('cancelling', () => {
  it('is asked for right before and right after each opening and each run', async () => {
    for (const rows of ['batch', 'loop'] as const) {
      const { options, events } = call('ip2p-ddim', { rows, onPreview: () => {} });
      await runDiffusion(options);
      for (const [at, { kind }] of events.entries()) {
        if (kind !== 'opened' && kind !== 'ran') continue;
        expect([events[at - 1]?.kind, events[at + 1]?.kind]).toEqual(['asked', 'asked']);
      }
    }
  });

  it('ends the call with its own error wherever it comes, and nothing more is opened or run', async () => {
    const whole = call('img2img-euler-trailing', { rows: 'loop' });
    await runDiffusion(whole.options);
    const times = whole.events.filter(({ kind }) => kind === 'asked').length;
    // Four openings; two embeddings, one encoding, two rows in each of two steps, one decoding.
    expect(times).toBe(2 * (4 + 2 + 1 + 2 * 2 + 1));
    const cancelled = new Error('cancelled');
    for (let after = 1; after <= times; after++) {
      let left = after;
      let late = 0;
      const { options } = call('img2img-euler-trailing', { rows: 'loop' });
      const counting: DiffusionOptions = {
        ...options,
        throwIfCancelled() {
          left--;
          if (left <= 0) throw cancelled;
        },
        async open(stage) {
          if (left <= 0) late++;
          const graph = await options.open(stage);
          return {
            ports: graph.ports,
            run(makeInputs) {
              if (left <= 0) late++;
              return graph.run(makeInputs);
            },
          };
        },
      };
      await expect(runDiffusion(counting)).rejects.toBe(cancelled);
      expect({ after, late }).toEqual({ after, late: 0 });
    }
  });
});

describe('what does not fit', () => {
  it('an inpainting model without a mask is refused before anything is opened', async () => {
    const { options, events } = call('inpaint9-s1', { mask: undefined });
    await expect(runDiffusion(options)).rejects.toThrow(TypeError);
    expect(events).toEqual([]);
  });

  it('a mask of another size is refused', async () => {
    const mask = readTrajectory('inpaint4-s1').tensors.picture('mask_u8');
    await expect(runDiffusion(call('inpaint4-s06', { mask }).options)).rejects.toThrow(RangeError);
  });

  it('a picture whose sides are no multiples of the latents is refused before anything is opened', async () => {
    const { options, events } = call('img2img-pndm');
    const { data } = options.picture;
    const picture = { width: 31, height: 32, data: data.slice(0, 31 * 32 * 4) };
    await expect(runDiffusion({ ...options, picture })).rejects.toThrow(RangeError);
    expect(events).toEqual([]);
  });

  it('a manifest that promises another factor than the graphs have is told so', async () => {
    const { options } = call('img2img-pndm');
    const model = { ...options.model, vae: { ...options.model.vae, downscale: 8 } };
    await expect(runDiffusion({ ...options, model })).rejects.toThrow(
      "The VAE encoder's output is [1, 4, 8, 8], not [1, 4, 4, 4]",
    );
  });
});

it('a four-channel inpainting family without a mask works as image to image', async () => {
  const { options } = call('img2img-euler-trailing');
  const plain = await runDiffusion(options);
  const inpainting = call('img2img-euler-trailing', { model: { ...options.model, family: 'inpaint' } });
  expect(await runDiffusion(inpainting.options)).toEqual(plain);
});

it('another seed gives another picture', async () => {
  const { options } = call('img2img-euler-trailing');
  const other = call('img2img-euler-trailing', { settings: { ...options.settings, seed: 2 ** 53 - 1 } });
  expect(largestDifference(await runDiffusion(other.options), await runDiffusion(options))).toBeGreaterThan(8);
});
