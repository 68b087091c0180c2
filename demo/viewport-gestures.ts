import type { PictureViewport } from './picture-viewport.js';

/** How far one press of Shift and an arrow key moves a zoomed picture, in CSS pixels. */
const KEY_STEP_PX = 60;
const WHEEL_ZOOM = 0.0025;

interface Touch {
  readonly clientX: number;
  readonly clientY: number;
}

/** Who else uses the pointer. */
export interface OtherGestures {
  /** Whether a place belongs to the divider's handle. */
  isOnHandle(place: Touch): boolean;
  /** Whether one finger paints: then only two move the picture. */
  isPainting(): boolean;
}

/** Pinch, Ctrl + wheel and keys zoom; drag, wheel and Shift + arrow keys move a zoomed picture. */
export function listenForGestures(frame: HTMLElement, viewport: PictureViewport, others: OtherGestures): void {
  listenToPointers(frame, viewport, others);
  frame.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        viewport.zoomBy(Math.exp(-event.deltaY * WHEEL_ZOOM), event);
      } else if (viewport.isZoomedIn() && viewport.pan(-event.deltaX, -event.deltaY)) event.preventDefault();
    },
    { passive: false },
  );
  frame.addEventListener('keydown', (event) => {
    if (pressed(event, viewport)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  // The comparison slider looks at the first finger only and would slide under a pinch.
  for (const type of ['touchstart', 'touchmove'] as const) {
    frame.addEventListener(type, (event) => event.touches.length > 1 && event.stopPropagation(), { capture: true });
  }
}

function listenToPointers(
  frame: HTMLElement,
  viewport: PictureViewport,
  { isOnHandle, isPainting }: OtherGestures,
): void {
  const down = new Map<number, Touch>();
  frame.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || (down.size === 0 && isOnHandle(event))) return;
    down.set(event.pointerId, event);
    if (viewport.isZoomedIn() && !isPainting()) frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener('pointermove', (event) => {
    const before = down.get(event.pointerId);
    if (before === undefined) return;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    down.set(event.pointerId, event);
    const dx = event.clientX - before.clientX;
    const dy = event.clientY - before.clientY;
    if (other === undefined) {
      if (viewport.isZoomedIn() && !isPainting()) viewport.pan(dx, dy);
      return;
    }
    viewport.zoomBy(distance(event, other) / Math.max(1, distance(before, other)), middle(event, other));
    viewport.pan(dx / 2, dy / 2);
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    window.addEventListener(type, (event) => down.delete(event.pointerId));
  }
}

function pressed(event: KeyboardEvent, viewport: PictureViewport): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === '+' || event.key === '=') viewport.zoomBy(Math.SQRT2);
  else if (event.key === '-') viewport.zoomBy(Math.SQRT1_2);
  else if (event.key === '0') viewport.setZoom('fit');
  else if (event.shiftKey && event.key === 'ArrowLeft') viewport.pan(KEY_STEP_PX, 0);
  else if (event.shiftKey && event.key === 'ArrowRight') viewport.pan(-KEY_STEP_PX, 0);
  else if (event.shiftKey && event.key === 'ArrowUp') viewport.pan(0, KEY_STEP_PX);
  else if (event.shiftKey && event.key === 'ArrowDown') viewport.pan(0, -KEY_STEP_PX);
  else return false;
  return true;
}

function distance(a: Touch, b: Touch): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}

function middle(a: Touch, b: Touch): Touch {
  return { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
}
