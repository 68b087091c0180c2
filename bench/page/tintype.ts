import { type Dtype, type ImageToImageParameters, InferenceClient, type Report } from 'tintype';
import { freshPrompt } from './fresh-prompt.js';
import { MOST_WARM_UPS, type Settings, type Side } from './side.js';

/** Longer than any pause of the bench, so that engines stay warm. */
const IDLE_MS = 3_600_000;

/** What makes a call of {@link createTintype} a prompted one. */
export interface PromptedSettings extends Settings {
  /** All but the prompt: that is a fresh one for every call, so that each has to run the text encoder. */
  readonly parameters: Omit<ImageToImageParameters, 'prompt'>;
  /** @default Tintype's own choice */
  readonly residency?: 'sequential' | 'resident';
}

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
  let calls = 0;
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
    async prepare(settings) {
      const { model, engines, picture, output = 'image/png', dtype = 'auto', tileSidePx } = settings;
      const { parameters, residency } = settings as Settings & Partial<PromptedSettings>;
      const made = new InferenceClient(undefined, { maxEngines: engines, idleMs: IDLE_MS });
      client = made;
      call = (inputs, onTile) =>
        made.imageToImage(
          {
            inputs,
            model,
            ...(parameters === undefined ? {} : { parameters: { ...parameters, prompt: freshPrompt(calls++) } }),
          },
          {
            device: 'wasm',
            output: { type: output },
            dtype: dtype as 'auto' | Dtype,
            ...(residency === undefined ? {} : { residency }),
            ...(tileSidePx === undefined ? {} : { tile: { maxSidePx: tileSidePx as number } }),
            onReport: (told) => {
              last = told;
            },
            ...(onTile === undefined ? {} : { onTile }),
          },
        );
      // Nothing is fetched ahead of the first call where that call is what is measured.
      if (picture === undefined) return;
      for (let runs = 0; runs === 0 || (runs < MOST_WARM_UPS && report().engines !== engines); runs++) {
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
