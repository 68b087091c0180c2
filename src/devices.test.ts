import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { manifest } from '../models/tintype-sr-x2/manifest.js';
import type { Measurement } from './bridge/feed-forward-runs.js';
import type { Tensor } from './contract/tensor.js';
import { type DeviceRequest, Devices } from './devices.js';
import type { MeasuringWorkshop } from './measured-devices.js';

const SIDE_PX = 32;
const REQUEST: DeviceRequest = { manifest, device: 'auto', dtype: undefined, maxTileSidePx: SIDE_PX, engines: 1 };

/** WASM takes 80 ms for the tile. */
const WASM_MS = 80;

beforeEach(() => {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  stubBrowser({ hardwareConcurrency: 4 });
});
afterEach(() => void vi.unstubAllGlobals());

/** A browser with a hardware adapter. */
function stubBrowser(facts: { readonly hardwareConcurrency?: number }): void {
  const adapter = { info: { vendor: 'acme', isFallbackAdapter: false }, features: new Set() };
  vi.stubGlobal('navigator', { ...facts, gpu: { requestAdapter: async () => adapter } });
}

function painted(level: number): Readonly<Record<string, Tensor>> {
  const side = SIDE_PX * manifest.scale;
  const data = new Uint8Array(side * side * 4).fill(level);
  return { [manifest.output]: { dtype: 'uint8', dims: [1, side, side, 4], data } };
}

/** WebGPU's part of a measurement, beside {@link WASM_MS}. */
function measured(webgpu: number | 'failed' | 'unknown', level = 100): Measurement {
  const wasm = { runMs: WASM_MS, outputs: painted(100) };
  return { wasm, webgpu: typeof webgpu === 'number' ? { runMs: webgpu, outputs: painted(level) } : webgpu };
}

/** A workshop that measures these, one after the other. */
function workshopOf(...answers: readonly (Measurement | Promise<Measurement>)[]): MeasuringWorkshop & {
  readonly measure: ReturnType<typeof vi.fn<MeasuringWorkshop['measure']>>;
} {
  const left = [...answers];
  return {
    measure: vi.fn<MeasuringWorkshop['measure']>(async () => {
      const answer = left.shift();
      if (answer === undefined) throw new Error('Nothing more was to be measured.');
      return answer;
    }),
  };
}

/** What a call was told, without the file and the numbers. */
async function choose(devices: Devices, part: Partial<DeviceRequest> = {}): Promise<string> {
  const quiet = { signal: undefined, onProgress: () => {}, onDelivery: () => {} };
  const { device, reason, measureMs } = await devices.choose({ ...REQUEST, ...part }, quiet);
  return `${device}, ${reason}${measureMs === undefined ? '' : ', timed'}`;
}

test('measures once; later calls and clients remember', async () => {
  const workshop = workshopOf(measured(10));
  const devices = new Devices(workshop);
  expect(await choose(devices)).toBe('webgpu, measured, timed');
  expect(await choose(devices)).toBe('webgpu, remembered');
  expect(await choose(new Devices(workshop))).toBe('webgpu, remembered');
  expect(workshop.measure).toHaveBeenCalledOnce();
});

test("a call that waits for another one's measurement remembers it, and measured nothing itself", async () => {
  const { promise, resolve } = deferred<Measurement>();
  const workshop = workshopOf(promise);
  const devices = new Devices(workshop);
  const calls = [choose(devices), choose(devices), choose(devices)];
  await vi.waitUntil(() => workshop.measure.mock.calls.length > 0);
  resolve(measured(10));
  expect(await Promise.all(calls)).toEqual(['webgpu, measured, timed', 'webgpu, remembered', 'webgpu, remembered']);
  expect(workshop.measure).toHaveBeenCalledOnce();
});

test('a call that waited for a failure of WebGPU is told of that', async () => {
  const { promise, resolve } = deferred<Measurement>();
  const devices = new Devices(workshopOf(promise));
  const calls = [choose(devices), choose(devices)];
  resolve(measured('failed'));
  expect(await Promise.all(calls)).toEqual(['wasm, webgpu-failed, timed', 'wasm, webgpu-failed']);
});

test('a call that waited for a measurement that was aborted measures itself', async () => {
  const { promise, reject } = deferred<Measurement>();
  const workshop = workshopOf(promise, measured(10));
  const devices = new Devices(workshop);
  const calls = [choose(devices), choose(devices)];
  await vi.waitUntil(() => workshop.measure.mock.calls.length > 0);
  const reason = new Error('changed my mind');
  reject(reason);
  expect(await Promise.allSettled(calls)).toEqual([
    { status: 'rejected', reason },
    { status: 'fulfilled', value: 'webgpu, measured, timed' },
  ]);
});

test('what could not be compared runs on WASM; the next call tries again', async () => {
  const devices = new Devices(workshopOf(measured('unknown'), measured(10)));
  expect(await choose(devices)).toBe('wasm, webgpu-unmeasured, timed');
  expect(await choose(devices)).toBe('webgpu, measured, timed');
});

test.for([
  ['cannot run the model', measured('failed')],
  ['paints another picture', measured(10, 200)],
] as const)('WebGPU that %s is not tried again by this client, but by the next', async ([, failure]) => {
  const devices = new Devices(workshopOf(failure));
  expect(await choose(devices)).toBe('wasm, webgpu-failed, timed');
  expect(await choose(devices)).toBe('wasm, webgpu-failed');
  expect(await choose(new Devices(workshopOf(measured(10))))).toBe('webgpu, measured, timed');
});

test('after WebGPU failed in a call, this client starts on WASM, and another one tries WebGPU', async () => {
  const workshop = workshopOf(measured(10));
  const devices = new Devices(workshop);
  expect(await choose(devices)).toBe('webgpu, measured, timed');
  await devices.failed(REQUEST);
  expect(await choose(devices)).toBe('wasm, webgpu-failed');
  expect(await choose(devices, { device: 'webgpu' })).toBe('webgpu, device-asked');
  expect(await choose(new Devices(workshop))).toBe('webgpu, remembered');
});

test.for([
  // 80 ms over 8 engines would be 10 ms; over 2 cores it is 40.
  { cores: 2, engines: 8, atOnce: 2, device: 'webgpu' },
  { cores: 8, engines: 8, atOnce: 8, device: 'wasm' },
  { cores: 8, engines: 2, atOnce: 2, device: 'webgpu' },
  { cores: undefined, engines: 8, atOnce: 8, device: 'wasm' },
] as const)('$engines engines on $cores cores are timed as $atOnce', async ({ cores, engines, atOnce, device }) => {
  stubBrowser(cores === undefined ? {} : { hardwareConcurrency: cores });
  const devices = new Devices(workshopOf(measured(20)));
  const quiet = { signal: undefined, onProgress: () => {}, onDelivery: () => {} };
  const choice = await devices.choose({ ...REQUEST, engines }, quiet);
  expect(choice.device).toBe(device);
  const { wasm, webgpu } = choice.msPerMegapixel ?? { wasm: 0, webgpu: 0 };
  expect(wasm / webgpu).toBeCloseTo(WASM_MS / atOnce / 20);
});

function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  return { promise, resolve, reject };
}
