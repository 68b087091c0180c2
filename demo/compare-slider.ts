import 'img-comparison-slider';
import type { HTMLImgComparisonSliderElement } from 'img-comparison-slider';
import { byId } from './page-elements.js';

const GLIDE_MS = 700;

/** A word for each side of the divider. */
export interface Sides {
  readonly before: string;
  readonly after: string;
}

/** The divider between before and after. */
export interface CompareSlider {
  readonly element: HTMLElement;
  /** Moves the divider; 0 shows nothing of the original, 100 nothing else. */
  moveTo(percent: number): void;
  /** Lets the divider come in from the left to the middle, unless less motion is wished. */
  glideIn(): void;
  /** While a picture is zoomed, only the handle moves the divider; else a drag anywhere does. */
  dragByHandle(only: boolean): void;
  /** What lies on the two sides, for screen readers: "before" and "after". */
  name(sides: Sides): void;
  isOnHandle(place: { readonly clientX: number; readonly clientY: number }): boolean;
}

/**
 * img-comparison-slider with what it leaves out: it says its value to screen readers, and the keys of an ARIA slider move it by
 * fixed steps (its own keys move it by time held, so that a short press, or a screen reader's, moves nothing).
 * @param onMove Told the new percentage.
 */
export function createCompareSlider(onMove: (percent: number) => void): CompareSlider {
  const element = byId('compare', HTMLElement) as HTMLImgComparisonSliderElement;
  const handle = byId('compare-handle', SVGElement);
  let gliding = 0;
  let names: Sides = { before: 'before', after: 'after' };

  function tell(): void {
    const percent = Math.round(Number(element.value));
    element.setAttribute('aria-valuenow', String(percent));
    element.setAttribute('aria-valuetext', `${percent}% ${names.before}, ${100 - percent}% ${names.after}`);
    onMove(percent);
  }
  function moveTo(percent: number): void {
    element.value = Math.min(100, Math.max(0, percent));
    tell();
  }
  const stopGliding = () => cancelAnimationFrame(gliding);

  element.addEventListener('slide', () => {
    tell();
  });
  for (const type of ['pointerdown', 'keydown'] as const) element.addEventListener(type, stopGliding);
  element.addEventListener('keydown', (event) => {
    const to = event.shiftKey ? undefined : target(event.key, Number(element.value));
    if (to === undefined) return;
    event.preventDefault();
    moveTo(to);
  });

  return {
    element,
    moveTo,
    glideIn() {
      stopGliding();
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) return moveTo(50);
      moveTo(0);
      const begin = performance.now();
      const step = (now: number) => {
        const at = Math.min(1, Math.max(0, (now - begin) / GLIDE_MS));
        moveTo(50 * (1 - (1 - at) ** 3));
        if (at < 1) gliding = requestAnimationFrame(step);
      };
      gliding = requestAnimationFrame(step);
    },
    name(sides) {
      names = sides;
      element.setAttribute('aria-label', `Compare ${names.before} and ${names.after}`);
      tell();
    },
    dragByHandle(only) {
      element.handle = only;
    },
    isOnHandle({ clientX, clientY }) {
      const box = handle.getBoundingClientRect();
      return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
    },
  };
}

function target(key: string, percent: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return percent - 1;
    case 'ArrowRight':
    case 'ArrowUp':
      return percent + 1;
    case 'PageDown':
      return percent - 10;
    case 'PageUp':
      return percent + 10;
    case 'Home':
      return 0;
    case 'End':
      return 100;
    default:
      return undefined;
  }
}
