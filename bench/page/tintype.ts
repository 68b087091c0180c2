import { type Dtype, InferenceClient, type Report } from 'tintype';
import { MOST_WARM_UPS, type Side } from './side.js';

/** Longer than any pause of the bench, so that engines stay warm. */
const IDLE_MS = 3_600_000;

/** What a call told beside its Blob. */
export interface TintypeSide extends Side {
  /** Of the last call. */
  report(): Report;
  /** Milliseconds from the call to its first tile. A call of its own, for asking for tiles costs a copy of each. */
  firstTile(picture: Blob): Promise<{ readonly firstTileMs: number; readonly totalMs: number }>;
}

/** Tintype, as an application calls it: from the packed package, with all of its defaults but the device and the number of engines. */
export function createTintype(): TintypeSide {
  let client: InferenceClient | undefined;
  let call: ((picture: Blob, onTile?: () => void) => Promise<Blob>) | undefined;
  let last: Report | undefined;
  const run = (picture: Blob, onTile?: () => void): Promise<Blob> => {
    if (call === undefined) throw new Error('Not prepared.');
    return call(picture, onTile);
  };
  const report = (): Report => {
    if (last === undefined) throw new Error('No call yet.');
    return last;
  };
  return {
    name: 'tintype',
    report,
    async prepare({ model, engines, picture, output = 'image/png', dtype = 'auto', tileSidePx }) {
      const made = new InferenceClient(undefined, { maxEngines: engines, idleMs: IDLE_MS });
      client = made;
      call = (inputs, onTile) =>
        made.imageToImage(
          { inputs, model },
          {
            device: 'wasm',
            output: { type: output },
            dtype: dtype as 'auto' | Dtype,
            ...(tileSidePx === undefined ? {} : { tile: { maxSidePx: tileSidePx as number } }),
            onReport: (told) => {
              last = told;
            },
            ...(onTile === undefined ? {} : { onTile }),
          },
        );
      // Nothing is fetched ahead of the first call where that call is what is measured.
      if (picture === undefined) return;
      for (let calls = 0; calls === 0 || (calls < MOST_WARM_UPS && report().engines !== engines); calls++) {
        await run(picture);
      }
    },
    async run(picture) {
      const blob = await run(picture);
      return { blob, timingsMs: report().timingsMs };
    },
    async firstTile(picture) {
      const started = performance.now();
      let firstTileMs = Number.NaN;
      await run(picture, () => {
        if (Number.isNaN(firstTileMs)) firstTileMs = performance.now() - started;
      });
      return { firstTileMs, totalMs: performance.now() - started };
    },
    async dispose() {
      await client?.dispose();
    },
  };
}
