import type { TileEvent } from 'tintype';
import { createCompareSlider } from './compare-slider.js';
import { byId } from './page-elements.js';
import { createPictureViewport, type Size, type Zoom } from './picture-viewport.js';
import { createTileCanvas } from './tile-canvas.js';
import { listenForGestures } from './viewport-gestures.js';

/** The picture: chosen, being worked on, or compared with its result. */
export interface CompareView {
  /** A chosen picture, before anything ran; `size` is that of the result to come. Forgets the picture before. */
  showOriginal(original: Blob, size: Size): void;
  /** A run begins: tiles will appear over the original, shown at the size of the result. */
  begin(size: Size): void;
  paint(tile: TileEvent): void;
  /** The finished result beside its original. Resolves once it can be seen. */
  showResult(result: Blob, size: Size): Promise<void>;
  /** The run ended without a result. */
  abandon(): void;
}

/** Builds the view on the elements of index.html. Object URLs live exactly as long as their picture is shown. */
export function createCompareView(): CompareView {
  const frame = byId('frame', HTMLElement);
  const developing = byId('developing', HTMLElement);
  const original = byId('original', HTMLImageElement);
  const before = byId('before', HTMLImageElement);
  const after = byId('after', HTMLImageElement);
  const tiles = createTileCanvas(byId('tiles', HTMLCanvasElement));
  const slider = createCompareSlider(labelSides);
  const viewport = createPictureViewport(byId('mat', HTMLElement), frame, (zoom, scale) => {
    pressZoomButton(zoom, scale);
    const zoomedIn = viewport.isZoomedIn();
    frame.classList.toggle('zoomed-in', zoomedIn);
    slider.dragByHandle(zoomedIn);
  });
  let originalUrl = '';
  let resultUrl = '';
  let isFirstResult = true;

  listenForGestures(frame, viewport, (place) => !slider.element.hidden && slider.isOnHandle(place));
  byId('zoom', HTMLElement).addEventListener('click', (event) => {
    const wished = event.target instanceof HTMLElement ? event.target.dataset.zoom : undefined;
    if (wished !== undefined) viewport.setZoom(wished === 'fit' ? 'fit' : Number(wished));
  });

  function compare(shown: boolean): void {
    slider.element.hidden = !shown;
    developing.hidden = shown;
    for (const side of ['before', 'after']) byId(`${side}-label`, HTMLElement).hidden = !shown;
  }
  function dropResult(): void {
    compare(false);
    tiles.clear();
    frame.classList.remove('is-developing');
    after.removeAttribute('src');
    before.removeAttribute('src');
    if (resultUrl !== '') URL.revokeObjectURL(resultUrl);
    resultUrl = '';
  }

  return {
    showOriginal(blob, size) {
      dropResult();
      if (originalUrl !== '') URL.revokeObjectURL(originalUrl);
      originalUrl = URL.createObjectURL(blob);
      original.src = originalUrl;
      isFirstResult = true;
      viewport.setPicture(size);
      viewport.setZoom('fit');
    },
    begin(size) {
      dropResult();
      frame.classList.add('is-developing');
      viewport.setPicture(size);
    },
    paint: tiles.paint,
    async showResult(blob, size) {
      const url = URL.createObjectURL(blob);
      resultUrl = url;
      after.src = url;
      before.src = originalUrl;
      // Swapped when both can be drawn at once, so that nothing flashes. A broken preview is no reason to lose the result.
      await Promise.allSettled([after.decode(), before.decode()]);
      if (resultUrl !== url) return;
      viewport.setPicture(size);
      compare(true);
      tiles.clear();
      frame.classList.remove('is-developing');
      if (isFirstResult) slider.glideIn();
      isFirstResult = false;
    },
    abandon: dropResult,
  };
}

/** Each label goes when its side becomes too narrow for it. */
function labelSides(percent: number): void {
  byId('before-label', HTMLElement).classList.toggle('faded', percent < 14);
  byId('after-label', HTMLElement).classList.toggle('faded', percent > 86);
}

function pressZoomButton(zoom: Zoom, scale: number): void {
  for (const button of byId('zoom', HTMLElement).querySelectorAll('button')) {
    const value = button.dataset.zoom;
    button.setAttribute('aria-pressed', String(value === String(zoom)));
    if (value === 'fit') button.title = `${Math.round(scale * 100)}%`;
  }
}
