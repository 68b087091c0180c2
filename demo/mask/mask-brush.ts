import type { Brushing } from '../compare-view.js';
import { byId, hideAround } from '../page-elements.js';
import type { Size } from '../picture-viewport.js';
import { type BrushActions, type BrushKeys, listenToKeys, listenToPointers } from './brush-input.js';
import { maskAsPng } from './draw-strokes.js';
import { createMaskOverlay } from './mask-overlay.js';
import { clear, moveTo, type Painting, type Point, putDown, undo, visibleStrokes } from './strokes.js';

/** Painting where a picture may change. */
export interface MaskBrush {
  /** Whether the chosen model takes a mask; only then is there anything to see. */
  offer(isTaken: boolean): void;
  /** Another picture; nothing is painted on it. */
  setPicture(size: Size): void;
  /** Ends painting. What was painted stays. */
  stop(): void;
  /** Makes the mask, a PNG of the picture's size, white where it may change. undefined where nothing is painted, or no mask is taken. */
  png(): (() => Promise<Blob>) | undefined;
}

/** What the page does for the brush. */
export interface MaskBrushPage extends Brushing {
  /** Painting begins: the picture must be seen without a result over it. */
  onBegin(): void;
  announce(line: string): void;
}

export function createMaskBrush(page: MaskBrushPage): MaskBrush {
  const overlay = createMaskOverlay();
  const { canvas } = overlay;
  const begin = byId('mask-begin', HTMLButtonElement);
  const size = byId('mask-size', HTMLInputElement);
  const eraser = byId('mask-erase', HTMLInputElement);
  const undoButton = byId('mask-undo', HTMLButtonElement);
  const clearButton = byId('mask-clear', HTMLButtonElement);
  let picture: Size | undefined;
  let painting: Painting = [];
  let isOn = false;
  let isDown = false;
  let isTaken = false;
  let brush: Point = { x: 0, y: 0 };

  /** The slider is the brush's width in percent of the longer side. */
  const radius = () => (Number(size.value) / 200) * Math.max(picture?.width ?? 1, picture?.height ?? 1);

  function take(next: Painting): void {
    painting = next;
    overlay.redraw(visibleStrokes(painting));
    tell();
  }
  /** Not `disabled`: the keyboard's place would be lost with it. */
  function tell(): void {
    const isEmpty = visibleStrokes(painting).length === 0;
    undoButton.setAttribute('aria-disabled', String(painting.length === 0));
    clearButton.setAttribute('aria-disabled', String(isEmpty));
    begin.textContent = isEmpty ? 'Paint where' : 'Paint more';
    byId('mask-state', HTMLElement).textContent = isEmpty
      ? 'Nothing is painted: all of the picture may change.'
      : 'Only what is painted may change.';
  }
  function toggle(on: boolean): void {
    if (on === isOn) return;
    isOn = on;
    isDown = false;
    page.toggle(on);
    overlay.show(on);
    hideAround(byId('mask-tools', HTMLElement), begin, !on);
    if (on) take(painting);
  }
  function stop(): void {
    // The canvas goes away with the tools.
    if (isOn && document.activeElement === canvas) begin.focus({ preventScroll: true });
    toggle(false);
  }

  const actions: BrushActions = {
    down(at) {
      brush = at;
      isDown = true;
      painting = putDown(painting, { isErasing: eraser.checked, radius: radius() }, at);
      addToOverlay(at, at);
      tell();
      overlay.showBrush(at, radius());
    },
    move(to) {
      if (isDown) {
        painting = moveTo(painting, to);
        addToOverlay(brush, to);
      }
      brush = to;
      overlay.showBrush(to, radius());
    },
    up() {
      isDown = false;
    },
    takeBack() {
      isDown = false;
      take(undo(painting));
    },
    leave: () => overlay.showBrush(undefined, 0),
  };
  const keys: BrushKeys = {
    step: () => Math.max(1, radius() / 2),
    place: () => brush,
    moveBrush({ x, y }) {
      const { width, height } = picture ?? { width: 1, height: 1 };
      const to = { x: Math.min(width, Math.max(0, x)), y: Math.min(height, Math.max(0, y)) };
      page.reveal({ x: to.x / width, y: to.y / height });
      page.announce(
        `${Math.round((100 * to.x) / width)}% from the left, ${Math.round((100 * to.y) / height)}% from the top`,
      );
      return to;
    },
    resize(factor) {
      size.value = String(Number(size.value) * factor);
      overlay.showBrush(brush, radius());
      page.announce(`Brush size ${size.value}%`);
    },
    toggleEraser() {
      byId(eraser.checked ? 'mask-paint' : 'mask-erase', HTMLInputElement).checked = true;
      page.announce(eraser.checked ? 'Eraser' : 'Brush');
    },
    undo: () => take(undo(painting)),
    done: stop,
  };

  function addToOverlay(from: Point, to: Point): void {
    overlay.add({ isErasing: eraser.checked, radius: radius(), points: from === to ? [to] : [from, to] });
  }

  listenToPointers(overlay, actions);
  listenToKeys(canvas, actions, keys);
  canvas.addEventListener('focus', () => {
    if (canvas.matches(':focus-visible')) overlay.showBrush(brush, radius());
  });
  begin.addEventListener('click', () => {
    if (picture === undefined) return;
    page.onBegin();
    toggle(true);
    canvas.focus({ preventScroll: true });
    byId('mask-tools', HTMLElement).scrollIntoView({ block: 'nearest' });
  });
  undoButton.addEventListener('click', () => take(undo(painting)));
  clearButton.addEventListener('click', () => take(clear(painting)));
  byId('mask-done', HTMLButtonElement).addEventListener('click', stop);

  return {
    stop,
    offer(offered) {
      isTaken = offered;
      byId('mask-field', HTMLElement).hidden = !offered;
      if (!offered) stop();
    },
    setPicture(other) {
      stop();
      picture = other;
      painting = [];
      brush = { x: other.width / 2, y: other.height / 2 };
      overlay.setPicture(other);
      begin.disabled = false;
      tell();
    },
    png() {
      const strokes = visibleStrokes(painting);
      const whole = picture;
      return isTaken && whole !== undefined && strokes.length > 0 ? () => maskAsPng(strokes, whole) : undefined;
    },
  };
}
