import * as Comlink from 'comlink';
import { ImageToImageError } from '../contract/errors.js';
import type { Stage, TokenizerFileName } from '../contract/manifest.js';
import type { ProgressEvent } from '../contract/progress.js';
import type { DiffusionJob, JobResult, ModelAsset } from '../contract/worker-apis.js';
import type { EngineDemand } from './engines.js';
import type { CallListeners } from './lifetime.js';
import type { Turn, Workshop } from './workshop.js';

/** The files of a diffusion model in the form that a call uses. */
export interface DiffusionAssets {
  readonly graphs: Readonly<Record<Stage, ModelAsset>>;
  readonly tokenizer: Readonly<Partial<Record<TokenizerFileName, ModelAsset>>>;
}

/** A diffusion call, as the page gives it. */
export interface DiffusionOrder extends Omit<DiffusionJob, 'id' | 'graphs' | 'engines'> {
  readonly mostEngines: number;
  readonly assets: DiffusionAssets;
  /** Whether all graphs stay open, or each is released for the next. */
  readonly residency: 'sequential' | 'resident';
  readonly mayChangeDevice: boolean;
}

/** What is needed of an order to make its model ready. */
export type DiffusionModelOrder = Pick<
  DiffusionOrder,
  'assets' | 'manifest' | 'device' | 'residency' | 'mayChangeDevice'
>;

const STAGES: readonly Stage[] = ['text_encoder', 'vae_encoder', 'unet', 'vae_decoder'];

/**
 * Runs one job to its end: the graphs are opened one after another, when the pipeline wants them. Rejects at once when the signal
 * fires; the next job waits until this one has really stopped.
 */
export function runDiffusion(
  workshop: Workshop,
  order: DiffusionOrder,
  listeners: CallListeners,
): Promise<JobResult & { readonly loadMs: number }> {
  const { assets, residency, mayChangeDevice, mostEngines, ...rest } = order;
  return workshop.call(listeners, async (turn) => {
    const { id, engines, lifetime } = turn;
    const started = performance.now();
    await fetchModel(turn, order);
    refuseLate(turn);
    const loadMs = performance.now() - started;
    const demand = demandOf(turn, order);
    let begun = false;
    const stock = { most: mostEngines, ...workshop.started(order.device) };
    const result = await turn.send(
      { ...rest, id, engines: stock, graphs: keysOf(assets) },
      {
        planned: () => {},
        'graph-wanted': ({ stage, engines: wanted }) => {
          if (lifetime.over) return;
          const asset = assets.graphs[stage];
          const opened = begun ? engines.open(id, asset) : engines.begin({ ...demand, asset });
          begun = true;
          opened.then(() => engines.grow(id, wanted)).catch(lifetime.fail);
        },
      },
    );
    return { ...result, loadMs };
  });
}

/** Downloads and verifies a model, and opens as much of it as may be open at once. */
export function loadDiffusion(workshop: Workshop, order: DiffusionModelOrder, listeners: CallListeners): Promise<void> {
  return workshop.call(listeners, async (turn) => {
    await fetchModel(turn, order);
    refuseLate(turn);
    const [first, ...others] = STAGES.map((stage) => order.assets.graphs[stage]);
    if (first) await turn.engines.begin({ ...demandOf(turn, order), asset: first });
    if (order.residency === 'sequential') return;
    for (const asset of others) await turn.engines.open(turn.id, asset);
  });
}

/** A call that ended while its files came must not begin: the next one has the engines already. */
function refuseLate({ lifetime }: Turn): void {
  if (lifetime.over)
    throw new ImageToImageError({ code: 'worker-crashed', phase: 'start', message: 'The call is over.' });
}

function demandOf({ id, live, lifetime }: Turn, order: DiffusionModelOrder): EngineDemand {
  return {
    ...live,
    callId: id,
    asset: order.assets.graphs.text_encoder,
    keepsGraphs: order.residency === 'resident',
    device: order.device,
    spareWasmEngines: order.mayChangeDevice ? 1 : 0,
    onExhausted: lifetime.fail,
  };
}

/** Has all files of a model on this device, and its tokenizer in the pipeline worker, while the runtime starts. */
async function fetchModel(turn: Turn, { assets, manifest, device }: DiffusionModelOrder): Promise<void> {
  const { id, live } = turn;
  turn.engines.warmUp(device);
  const loader = turn.loader();
  // The loader closes it: its answer may overtake the last event.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = (event: MessageEvent<ProgressEvent>) => live.onProgress(event.data);
  const texts = Object.entries(assets.tokenizer);
  const all = [...texts.map(([, asset]) => asset), ...STAGES.map((stage) => assets.graphs[stage])];
  live.onDelivery(await loader.call((api) => api.prefetch(id, all, Comlink.transfer(port2, [port2]))));
  const pipeline = turn.pipeline();
  if (await pipeline.call((api) => api.hasTokenizer(manifest.id))) return;
  const decoder = new TextDecoder();
  const files: Record<string, string> = {};
  for (const [name, asset] of texts) {
    files[name] = decoder.decode(await loader.call((api) => api.read(id, asset)));
  }
  await pipeline.call((api) => api.provideTokenizer(manifest.id, files, manifest.tokenizer.maxTokens));
}

function keysOf({ graphs }: DiffusionAssets): DiffusionJob['graphs'] {
  return {
    text_encoder: graphs.text_encoder.key,
    vae_encoder: graphs.vae_encoder.key,
    unet: graphs.unet.key,
    vae_decoder: graphs.vae_decoder.key,
  };
}
