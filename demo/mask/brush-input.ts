import type { MaskOverlay } from './mask-overlay.js';
import type { Point } from './strokes.js';

/** What is done with the brush. Places are in pixels of the picture. */
export interface BrushActions {
  down(at: Point): void;
  /** Also while the brush is up. */
  move(to: Point): void;
  up(): void;
  /** What was begun was no stroke but the first of two fingers. */
  takeBack(): void;
  /** The brush is over the picture no more. */
  leave(): void;
}

/** One finger, pen or mouse paints. A second finger takes back what the first began: both move the picture. */
export function listenToPointers(
  { canvas, pointAt }: Pick<MaskOverlay, 'canvas' | 'pointAt'>,
  brush: BrushActions,
): void {
  const down = new Set<number>();
  let painting: number | undefined;

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    down.add(event.pointerId);
    if (down.size > 1) {
      if (painting !== undefined) brush.takeBack();
      painting = undefined;
      return;
    }
    painting = event.pointerId;
    canvas.setPointerCapture(event.pointerId);
    brush.down(pointAt(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (painting !== undefined && event.pointerId !== painting) return;
    // A fast hand is seen at more places than the screen is painted.
    const places = painting === undefined ? [event] : (event.getCoalescedEvents?.() ?? [event]);
    for (const place of places.length === 0 ? [event] : places) brush.move(pointAt(place));
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    window.addEventListener(type, ({ pointerId, pointerType }) => {
      down.delete(pointerId);
      if (pointerId !== painting) return;
      painting = undefined;
      brush.up();
      if (pointerType === 'touch') brush.leave();
    });
  }
  canvas.addEventListener('pointerleave', () => {
    if (painting === undefined) brush.leave();
  });
}

/** What the keys do besides painting. */
export interface BrushKeys {
  /** In pixels of the picture, for one press of an arrow key. */
  step(): number;
  /** Where the brush is; the middle of the picture at first. */
  place(): Point;
  /** Brings a wished place into the picture and into view. */
  moveBrush(to: Point): Point;
  resize(factor: number): void;
  toggleEraser(): void;
  undo(): void;
  done(): void;
}

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Arrow keys move the brush; Space paints, and held down paints on while it is moved. Shift with an arrow is the picture's. */
export function listenToKeys(canvas: HTMLCanvasElement, brush: BrushActions, keys: BrushKeys): void {
  let isDown = false;

  function lift(): void {
    if (isDown) brush.up();
    isDown = false;
  }
  function press(event: KeyboardEvent): boolean {
    const { key, ctrlKey, metaKey, shiftKey, altKey, repeat } = event;
    if (ctrlKey || metaKey) {
      if (key.toLowerCase() !== 'z' || shiftKey) return false;
      keys.undo();
      return true;
    }
    const arrow = ARROWS[key];
    if (arrow !== undefined && !shiftKey && !altKey) {
      const { x, y } = keys.place();
      brush.move(keys.moveBrush({ x: x + arrow.x * keys.step(), y: y + arrow.y * keys.step() }));
    } else if (key === ' ') {
      if (repeat || isDown) return true;
      isDown = true;
      brush.down(keys.moveBrush(keys.place()));
    } else if (key === '[' || key === ']') keys.resize(key === '[' ? 1 / 1.25 : 1.25);
    else if (key.toLowerCase() === 'e') keys.toggleEraser();
    else if (key === 'Escape' || key === 'Enter') keys.done();
    else return false;
    return true;
  }

  canvas.addEventListener('keydown', (event) => {
    if (!press(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener('keyup', ({ key }) => {
    if (key === ' ') lift();
  });
  canvas.addEventListener('blur', () => {
    lift();
    brush.leave();
  });
}
