import { type ColdParts, measureColdParts } from './cold-parts.js';
import { drawPicture } from './pictures.js';
import type { Side } from './side.js';

/** Our own sides by name; each is fetched only when it is asked for, so that none weighs on another's cold start. */
const SIDES: Readonly<Record<string, () => Promise<Side>>> = {
  tintype: async () => (await import('./tintype.js')).createTintype(),
  parts: async () => (await import('./parts.js')).createParts(),
  stages: async () => (await import('./stages.js')).createStages(),
  upscalerjs: () => createPeer('upscalerjs'),
  'transformers.js': () => createPeer('transformers'),
};

/** What the bench calls in the page. */
export interface BenchScope {
  create(name: string): Promise<Side>;
  readonly drawPicture: typeof drawPicture;
  readonly measureColdParts: (model: string, dtype: string, side: number) => Promise<ColdParts>;
}

declare global {
  interface Window {
    bench: BenchScope;
  }
}

window.bench = {
  async create(name) {
    const create = SIDES[name];
    if (create !== undefined) return create();
    // The peers are built apart (bench/peers/build-peers.ts), each to a file of its own.
    const file = `/peers/${name.replace(/\.js$/, '')}.js`;
    const peer = (await import(/* @vite-ignore */ file)) as { readonly createSide: () => Side };
    return peer.createSide();
  },
  drawPicture,
  measureColdParts,
};

/** Peers are built apart from this page; bench/peers/build-peers.ts says why. */
async function createPeer(file: string): Promise<Side> {
  const url = `/peers/${file}.js`;
  const { createSide } = (await import(/* @vite-ignore */ url)) as { createSide(): Side };
  return createSide();
}
