import { expect, test, vi } from 'vitest';
import { manifest } from '../../models/instruct-pix2pix-micro/manifest.js';
import { ok } from '../contract/outcome.js';
import type { LoaderApi, ModelAsset, PipelineApi } from '../contract/worker-apis.js';
import { type DiffusionOrder, loadDiffusion, runDiffusion } from './diffusion-runs.js';
import type { Turn, Workshop } from './workshop.js';

const asset = (key: string): ModelAsset => ({ key, url: `https://models.example/${key}`, sizeBytes: 1 });
const order = {
  manifest,
  assets: {
    graphs: { text_encoder: asset('te'), vae_encoder: asset('ve'), unet: asset('u'), vae_decoder: asset('vd') },
    tokenizer: {},
  },
  device: 'wasm',
  residency: 'resident',
  mayChangeDevice: true,
  mostEngines: 1,
} as unknown as DiffusionOrder;

/** A workshop whose files are there, whose tokenizer answers when it is let, and whose call may be over by then. */
function setUp(): {
  readonly workshop: Workshop;
  readonly turn: Turn;
  readonly end: () => void;
  readonly answer: () => void;
} {
  let over = false;
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const loader: Partial<LoaderApi> = {
    prefetch: async () => ok({ source: 'store', downloadedBytes: 0, stored: true }),
  };
  const pipeline: Partial<PipelineApi> = {
    hasTokenizer: async () => {
      await answered;
      return ok(true);
    },
  };
  const host = (api: object) => ({
    call: async (invoke: (api: never) => Promise<{ value: unknown }>) => (await invoke(api as never)).value,
  });
  const turn = {
    id: 'call-0',
    live: { onProgress: () => {}, onDelivery: () => {} },
    lifetime: {
      get over() {
        return over;
      },
      fail: vi.fn(),
    },
    engines: { warmUp: vi.fn(), begin: vi.fn(async () => {}), open: vi.fn(async () => {}), grow: vi.fn() },
    loader: () => host(loader),
    pipeline: () => host(pipeline),
    send: vi.fn(async () => ({})),
  } as unknown as Turn;
  const workshop = {
    call: (_listeners: unknown, work: (turn: Turn) => Promise<unknown>) => work(turn),
    started: () => ({ warm: 0, earlierMacs: 0 }),
  } as unknown as Workshop;
  return {
    workshop,
    turn,
    end: () => {
      over = true;
    },
    answer,
  };
}

test('a call that ends while its files come never begins', async () => {
  for (const begin of [runDiffusion, loadDiffusion]) {
    const { workshop, turn, end, answer } = setUp();
    const running = begin(workshop, order, turn.live);
    end();
    answer();
    await expect(running).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(turn.send).not.toHaveBeenCalled();
    expect(turn.engines.begin).not.toHaveBeenCalled();
  }
});

test('a graph that is wanted after the call is over is not opened for it', async () => {
  const { workshop, turn, end, answer } = setUp();
  answer();
  await runDiffusion(workshop, order, turn.live);
  const handlers = vi.mocked(turn.send).mock.calls[0]?.[1];
  handlers?.['graph-wanted']({ type: 'graph-wanted', stage: 'unet', engines: 1 });
  expect(turn.engines.begin).toHaveBeenCalledTimes(1);
  end();
  handlers?.['graph-wanted']({ type: 'graph-wanted', stage: 'vae_decoder', engines: 1 });
  expect(turn.engines.open).not.toHaveBeenCalled();
});
