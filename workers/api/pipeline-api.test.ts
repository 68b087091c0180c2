import * as Comlink from 'comlink';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FeedForwardManifest } from '../../src/contract/manifest.js';
import { ok } from '../../src/contract/outcome.js';
import type { Picture } from '../../src/contract/picture.js';
import type { EngineRunApi, FeedForwardJob, JobEvent } from '../../src/contract/worker-apis.js';
import type { Codec } from '../codec.js';
import { createPipelineApi } from './pipeline-api.js';

const manifest: FeedForwardManifest = {
  schema: 1,
  pipeline: 'feed-forward',
  id: 'doubler',
  task: 'super-resolution',
  title: 'Doubler',
  summary: 'Nearest neighbour, for tests.',
  honours: [],
  input: 'image',
  output: 'result',
  scale: 2,
  receptiveFieldPx: 0,
  tile: { overlapPx: 0, multiple: 1 },
  macsPerPixel: 1e6,
  activationBytesPerPixel: 16,
  variants: [],
  defaultDtype: { wasm: 'w8', webgpu: 'w8' },
  licence: 'MIT',
  attribution: '',
  made: '',
};

/** A file format of four bytes (two 16-bit sides) and RGBA rows: what a codec does, without a browser. */
const plainCodec: Codec & { surfaces: number } = {
  surfaces: 0,
  inspect: async () => ({ width: 0, height: 0, type: 'plain' }),
  decode: async (file) => {
    const bytes = new Uint8Array(await (file as Blob).arrayBuffer());
    const [width = 0, height = 0] = new Uint16Array(bytes.buffer, 0, 2);
    return { picture: { width, height, data: bytes.slice(4) }, type: 'plain', mayHaveAlpha: true, warnings: [] };
  },
  createSurface(width, height) {
    plainCodec.surfaces++;
    const data = new Uint8Array(width * height * 4);
    return {
      write: (window) => {
        for (let row = 0; row < window.height; row++) {
          const from = ((window.fromY + row) * window.dataWidth + window.fromX) * 4;
          data.set(window.data.subarray(from, from + window.width * 4), ((window.y + row) * width + window.x) * 4);
        }
      },
      encode: async () => ({ blob: plainFile({ width, height, data }), warnings: [] }),
      close: () => {
        plainCodec.surfaces--;
      },
    };
  },
};

function plainFile({ width, height, data }: Picture): Blob {
  return new Blob([Uint16Array.of(width, height), data], { type: 'image/png' });
}

function gradient(width: number, height: number, alpha: (x: number, y: number) => number = () => 255): Picture {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x % 256, y % 256, (x + y) % 256, alpha(x, y)], (y * width + x) * 4);
  }
  return { width, height, data };
}

/** Enlarges by repeating pixels, alpha 255, and counts. */
function doubling(): EngineRunApi & { runs: number; gate: Promise<void> } {
  const engine = {
    runs: 0,
    gate: Promise.resolve(),
    run: async (_key: string, { image }: Parameters<EngineRunApi['run']>[1]): ReturnType<EngineRunApi['run']> => {
      engine.runs++;
      await engine.gate;
      const [, height = 0, width = 0] = image?.dims ?? [];
      const out = new Uint8Array(width * height * 16);
      for (let y = 0; y < height * 2; y++) {
        for (let x = 0; x < width * 2; x++) {
          const from = ((y >> 1) * width + (x >> 1)) * 4;
          const data = image?.data as Uint8Array;
          out.set([...data.subarray(from, from + 3), 255], (y * width * 2 + x) * 4);
        }
      }
      return ok({ result: { dtype: 'uint8' as const, dims: [1, height * 2, width * 2, 4], data: out } });
    },
  };
  return engine;
}

const ports: Array<{ close(): void }> = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

type Api = ReturnType<typeof createPipelineApi>;
type Port = Parameters<Api['run']>[1];

/** The API at the other end of a real MessageChannel, with one engine joined by another. */
async function bench(engine: EngineRunApi = doubling()): Promise<{ api: Comlink.Remote<Api>; engine: EngineRunApi }> {
  const { port1, port2 } = new MessageChannel();
  const join = new MessageChannel();
  ports.push(port1, port2, join.port1, join.port2);
  Comlink.expose(
    createPipelineApi({
      codec: plainCodec,
      connect: (port) => Comlink.wrap<EngineRunApi>(port as unknown as Comlink.Endpoint),
    }),
    port2 as unknown as Comlink.Endpoint,
  );
  Comlink.expose(engine, join.port1 as unknown as Comlink.Endpoint);
  const api = Comlink.wrap<Api>(port1 as unknown as Comlink.Endpoint);
  await api.attachEngine(
    'engine',
    { key: 'key', ports: { inputs: [], outputs: [] } },
    Comlink.transfer(join.port2, [join.port2 as unknown as Transferable]) as unknown as Port,
  );
  return { api, engine };
}

function job(picture: Picture, more: Partial<FeedForwardJob> = {}): FeedForwardJob {
  return {
    id: 'job',
    picture: plainFile(picture),
    manifest,
    modelKey: 'key',
    device: 'wasm',
    maxInputPixels: 1e6,
    engines: { most: 2, warm: 0, earlierMacs: 0 },
    maxTileSidePx: 40,
    output: { type: 'image/png', quality: 0.9, background: '#fff' },
    metadata: 'strip',
    wantTiles: true,
    ...more,
  };
}

function listening(): { events: JobEvent[]; port: Port } {
  const { port1, port2 } = new MessageChannel();
  const events: JobEvent[] = [];
  port1.onmessage = (event) => events.push(event.data as JobEvent);
  ports.push(port1);
  return { events, port: Comlink.transfer(port2, [port2 as unknown as Transferable]) as unknown as Port };
}

async function pixels(blob: Blob): Promise<Picture> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const [width = 0, height = 0] = new Uint16Array(bytes.buffer, 0, 2);
  return { width, height, data: bytes.slice(4) };
}

describe('the pipeline worker', () => {
  test('one picture in, the enlarged one out, tile by tile, and the end is told last', async () => {
    const { api } = await bench();
    const { events, port } = listening();
    const outcome = await api.run(job(gradient(100, 70)), port);
    if (!outcome.ok) throw new Error(outcome.error.message);
    const out = await pixels(outcome.value.blob);
    expect([out.width, out.height]).toEqual([200, 140]);
    expect([...out.data.subarray((139 * 200 + 199) * 4, (139 * 200 + 199) * 4 + 4)]).toEqual([99, 69, 168, 255]);
    await vi.waitFor(() => expect(events.at(-1)).toEqual({ type: 'end' }));
    const tiles = events.filter((event) => event.type === 'tile');
    expect(tiles.length).toBe(outcome.value.facts.tiles);
    expect(tiles.reduce((sum, { tile }) => sum + tile.width * tile.height, 0)).toBe(200 * 140);
    expect(events.findIndex((event) => event.type === 'planned')).toBeLessThan(events.indexOf(tiles[0] as JobEvent));
    expect(plainCodec.surfaces).toBe(0);
  });

  test('target_size is met exactly', async () => {
    const { api } = await bench();
    const outcome = await api.run(job(gradient(30, 20), { targetSize: { width: 77, height: 13 } }), listening().port);
    if (!outcome.ok) throw new Error(outcome.error.message);
    const out = await pixels(outcome.value.blob);
    expect([out.width, out.height]).toEqual([77, 13]);
    expect(outcome.value.facts.output).toMatchObject({ width: 77, height: 13 });
  });

  test('alpha stays beside the colours: 0 and 255 exact, hidden colours never seen by the model', async () => {
    const seen: number[] = [];
    const engine = doubling();
    const { api } = await bench({
      run: (key, inputs) => {
        const data = inputs.image?.data as Uint8Array;
        for (let at = 0; at < data.length; at += 4) seen.push(data[at] ?? 0);
        return engine.run(key, inputs);
      },
    });
    const source = gradient(60, 20, (x) => (x < 30 ? 255 : 0));
    for (let at = 0; at < source.data.length; at += 4) {
      source.data.set(source.data[at + 3] === 0 ? [255, 0, 255] : [40, 40, 40], at);
    }
    const outcome = await api.run(job(source), listening().port);
    if (!outcome.ok) throw new Error(outcome.error.message);
    const out = await pixels(outcome.value.blob);
    const alphaAt = (x: number): number | undefined => out.data[(5 * out.width + x) * 4 + 3];
    expect([alphaAt(0), alphaAt(50), alphaAt(70), alphaAt(119)]).toEqual([255, 255, 0, 0]);
    expect(new Set(seen)).toEqual(new Set([40]));
  });

  test('a cancel stops between tiles, answers when all is quiet, and gives the memory back', async () => {
    const engine = doubling();
    let open: () => void = () => {};
    engine.gate = new Promise((resolve) => {
      open = resolve;
    });
    const { api } = await bench(engine);
    const running = api.run(job(gradient(200, 200)), listening().port);
    await vi.waitFor(() => expect(engine.runs).toBe(1));
    const cancelled = api.cancel('job');
    open();
    await cancelled;
    expect(await running).toMatchObject({ ok: false });
    expect(engine.runs).toBe(1);
    expect(plainCodec.surfaces).toBe(0);
    expect(await api.run(job(gradient(8, 8)), listening().port)).toMatchObject({ ok: true });
  });

  test('an engine that dies in the middle costs its tile, not the job', async () => {
    const stuck = doubling();
    stuck.gate = new Promise(() => {});
    const { api } = await bench(stuck);
    const { events, port } = listening();
    const running = api.run(job(gradient(100, 70)), port);
    await vi.waitFor(() => expect(stuck.runs).toBe(1));
    const join = new MessageChannel();
    ports.push(join.port1, join.port2);
    const fresh = doubling();
    Comlink.expose(fresh, join.port1 as unknown as Comlink.Endpoint);
    await api.attachEngine(
      'fresh',
      { key: 'key', ports: { inputs: [], outputs: [] } },
      Comlink.transfer(join.port2, [join.port2 as unknown as Transferable]) as unknown as Port,
    );
    await api.detachEngine('engine', { code: 'worker-crashed', phase: 'run', message: 'gone' });
    const outcome = await running;
    expect(outcome).toMatchObject({ ok: true });
    expect(fresh.runs).toBe(outcome.ok ? outcome.value.facts.tiles : -1);
    expect(events.length).toBeGreaterThan(0);
  });
});
