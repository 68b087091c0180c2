import type { PreviewEvent, TileEvent } from 'tintype';
import { createCompareSlider, type Sides } from './compare-slider.js';
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
  /** The whole result as it is foreseen; replaces what was painted before. */
  preview(preview: PreviewEvent): void;
  /** The finished result beside its original, or beside another picture of the same shape. Resolves once it can be seen. */
  showResult(result: Blob, size: Size, beside?: Beside): Promise<void>;
  /** Shows the original alone: the run ended without a result, or that is not wanted any more. */
  abandon(): void;
  /** The painting of a mask over the original. */
  readonly brushing: Brushing;
}

/** What a result is compared with, if not with its original. */
export interface Beside {
  readonly blob: Blob;
  /** What lies on the two sides, in a few words each. */
  readonly sides: Sides;
}

/** What painting over the picture needs of the view. */
export interface Brushing {
  /** While on, one finger paints and does not move the picture. */
  toggle(isOn: boolean): void;
  /** Makes a point of the picture visible, 0 to 1 on both axes. */
  reveal(point: { readonly x: number; readonly y: number }): void;
}

const BEFORE_AND_AFTER: Sides = { before: 'Before', after: 'After' };

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
  let besideUrl = '';
  let isBrushing = false;
  let isFirstResult = true;

  listenForGestures(frame, viewport, {
    isOnHandle: (place) => !slider.element.hidden && slider.isOnHandle(place),
    isPainting: () => isBrushing,
  });
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
    for (const url of [resultUrl, besideUrl]) if (url !== '') URL.revokeObjectURL(url);
    resultUrl = '';
    besideUrl = '';
  }
  function nameSides(sides: Sides): void {
    byId('before-label', HTMLElement).textContent = sides.before;
    byId('after-label', HTMLElement).textContent = sides.after;
    slider.name(sides === BEFORE_AND_AFTER ? { before: 'before', after: 'after' } : sides);
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
    preview: tiles.paintWhole,
    async showResult(blob, size, beside) {
      const earlier = [resultUrl, besideUrl];
      const url = URL.createObjectURL(blob);
      resultUrl = url;
      besideUrl = beside === undefined ? '' : URL.createObjectURL(beside.blob);
      after.src = url;
      before.src = besideUrl || originalUrl;
      for (const old of earlier) if (old !== '') URL.revokeObjectURL(old);
      // Swapped when both can be drawn at once, so that nothing flashes. A broken preview is no reason to lose the result.
      await Promise.allSettled([after.decode(), before.decode()]);
      if (resultUrl !== url) return;
      viewport.setPicture(size);
      compare(true);
      nameSides(beside?.sides ?? BEFORE_AND_AFTER);
      tiles.clear();
      frame.classList.remove('is-developing');
      if (isFirstResult) slider.glideIn();
      isFirstResult = false;
    },
    abandon: dropResult,
    brushing: {
      reveal: viewport.reveal,
      toggle(isOn) {
        isBrushing = isOn;
      },
    },
  };
}

/** Each label goes when its side becomes too narrow for it. */
function labelSides(percent: number): void {
  const divider = (byId('frame', HTMLElement).clientWidth * percent) / 100;
  const before = byId('before-label', HTMLElement);
  const after = byId('after-label', HTMLElement);
  before.classList.toggle('faded', divider < before.offsetLeft + before.offsetWidth);
  after.classList.toggle('faded', divider > after.offsetLeft);
}

function pressZoomButton(zoom: Zoom, scale: number): void {
  for (const button of byId('zoom', HTMLElement).querySelectorAll('button')) {
    const value = button.dataset.zoom;
    button.setAttribute('aria-pressed', String(value === String(zoom)));
    if (value === 'fit') button.title = `${Math.round(scale * 100)}%`;
  }
}
