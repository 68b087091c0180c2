import { type ErrorCode, isImageToImageError } from '../contract/errors.js';
import type { Device } from '../contract/manifest.js';
import type { Tensor } from '../contract/tensor.js';
import type { FeedForwardJob, JobEvent, JobResult, ModelAsset, Probe } from '../contract/worker-apis.js';
import type { EngineDemand } from './engines.js';
import { type CallListeners, deafTo } from './lifetime.js';
import type { Turn, Workshop } from './workshop.js';

/** A feed-forward call, as the page gives it. */
export interface FeedForwardOrder extends Omit<FeedForwardJob, 'id' | 'engines'> {
  readonly mostEngines: number;
  /** Whether the call may go on with WASM should WebGPU fail. */
  readonly mayChangeDevice: boolean;
}

/** A finished job and how long its model took. */
export interface FinishedJob extends JobResult {
  /** Until the first engine was ready. */
  readonly loadMs: number;
}

/** The same tile on both devices. */
export interface Measurement {
  readonly wasm: Probe;
  /** `failed` where WebGPU cannot run the model, `unknown` where something else kept it from being tried. */
  readonly webgpu: Probe | 'failed' | 'unknown';
}

/** What is to be measured. */
export interface MeasurementOptions {
  /** The file for each device; mostly the same. */
  readonly assets: Readonly<Record<Device, ModelAsset>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** What a measurement listens to: it has no tiles, and its device does not change. */
export type MeasurementListeners = Pick<CallListeners, 'signal' | 'onProgress' | 'onDelivery'>;

/** What a device that cannot run a model ends with; a model that cannot be fetched says nothing about the device. */
const DEVICE_FAILURES: readonly ErrorCode[] = [
  'device-lost',
  'inference-failed',
  'out-of-memory',
  'deadline-exceeded',
  'environment-unsupported',
  'runtime-unavailable',
];

/** Tiles that were planned for one engine are this large at most: as many of them as the memory for all engines holds. */
const MOST_SPARE_ENGINES = 3;

/** Runs one job to its end. Rejects at once when the signal fires; the next job waits until this one has really stopped. */
export function runFeedForward(
  workshop: Workshop,
  order: FeedForwardOrder,
  asset: ModelAsset,
  listeners: CallListeners,
): Promise<FinishedJob> {
  const { mostEngines, mayChangeDevice, ...rest } = order;
  return workshop.call(listeners, (turn) => {
    // Counted when its turn comes: the job before may have started some. A GPU has one queue, so one engine feeds it.
    const most = order.device === 'wasm' ? mostEngines : 1;
    const demand: EngineDemand = {
      ...turn.live,
      callId: turn.id,
      asset,
      keepsGraphs: false,
      device: order.device,
      spareWasmEngines: mayChangeDevice ? Math.min(mostEngines, MOST_SPARE_ENGINES) : 0,
      onExhausted: turn.lifetime.fail,
    };
    const engines = { most, ...workshop.started(order.device) };
    return runTiles(turn, { ...rest, id: turn.id, engines }, demand);
  });
}

async function runTiles(turn: Turn, job: FeedForwardJob, demand: EngineDemand): Promise<FinishedJob> {
  const started = performance.now();
  let planned: Extract<JobEvent, { type: 'planned' }> | undefined;
  let loadMs: number | undefined;
  // Once there is a plan and an engine, whichever comes last.
  const startTiles = (): void => {
    if (!planned || loadMs === undefined) return;
    turn.live.onProgress({ phase: 'tiles', done: 0, total: planned.tiles, unit: 'tiles' });
    turn.engines.grow(job.id, planned.engines);
  };
  // Decoding and the first engine's start go on side by side.
  const outcome = turn.send(job, {
    planned: (event) => {
      planned = event;
      startTiles();
    },
    'graph-wanted': () => {},
  });
  await turn.engines.begin(demand);
  loadMs = performance.now() - started;
  startTiles();
  return { ...(await outcome), loadMs };
}

/** Downloads, verifies and opens a model on one engine. */
export function loadFeedForward(
  workshop: Workshop,
  asset: ModelAsset,
  { device, mayChange }: { readonly device: Device; readonly mayChange: boolean },
  listeners: CallListeners,
): Promise<void> {
  return workshop.call(listeners, ({ id, live, lifetime, engines }) =>
    engines.begin({
      ...live,
      callId: id,
      asset,
      keepsGraphs: false,
      device,
      spareWasmEngines: mayChange ? 1 : 0,
      onExhausted: lifetime.fail,
    }),
  );
}

/**
 * Times a model on both devices, one after the other.
 * @throws ImageToImageError if it cannot run on WASM; that it cannot run on WebGPU is an answer.
 */
export function measureFeedForward(
  workshop: Workshop,
  { assets, inputs }: MeasurementOptions,
  listeners: MeasurementListeners,
): Promise<Measurement> {
  return workshop.call(deafTo(listeners), async ({ id, live, lifetime, engines }) => {
    const probe = (device: Device): Promise<Probe> => {
      const asked = { callId: id, asset: assets[device], keepsGraphs: false, device, spareWasmEngines: 0 };
      return engines.probe({ ...live, ...asked, onExhausted: () => {} }, inputs);
    };
    const measured = (done: number): void => live.onProgress({ phase: 'measure', done, total: 2, unit: 'steps' });
    const wasm = await probe('wasm');
    measured(1);
    if (lifetime.over) return { wasm, webgpu: 'unknown' };
    const webgpu = await probe('webgpu').catch(failureOf);
    measured(2);
    return { wasm, webgpu };
  });
}

function failureOf(caught: unknown): 'failed' | 'unknown' {
  if (!isImageToImageError(caught)) return 'unknown';
  const engineDied = caught.code === 'worker-crashed' && caught.details?.worker === 'engine';
  return engineDied || DEVICE_FAILURES.includes(caught.code) ? 'failed' : 'unknown';
}
