import { byId } from '../page-elements.js';
import type { Size } from '../picture-viewport.js';
import { drawStroke } from './draw-strokes.js';
import type { Point, Stroke } from './strokes.js';

/** The overlay is only looked at: it needs no more pixels than this, however large the picture. */
const MOST_PIXELS = 2 ** 21;
/** Two colours, so that the stripes stand out from any picture, in light and in dark. */
const STRIPES = { light: '#fffaf2', dark: '#8f4317', widthPx: 5 } as const;

/** The painted part, striped, over the picture, and the ring of the brush. */
export interface MaskOverlay {
  readonly canvas: HTMLCanvasElement;
  /** Another picture; nothing is painted on it. */
  setPicture(size: Size): void;
  show(shown: boolean): void;
  /** Draws all anew. */
  redraw(strokes: readonly Stroke[]): void;
  /** Draws on what is there. */
  add(stroke: Stroke): void;
  /** The place in the picture below a place on the screen. */
  pointAt(place: { readonly clientX: number; readonly clientY: number }): Point;
  /** Shows the brush at a place in the picture, or not at all. */
  showBrush(at: Point | undefined, radius: number): void;
}

export function createMaskOverlay(): MaskOverlay {
  const canvas = byId('mask-canvas', HTMLCanvasElement);
  const ring = byId('mask-ring', HTMLElement);
  const context = canvas.getContext('2d');
  // Else a screen reader would keep the arrow keys for itself. In HTML the role is refused for a canvas.
  canvas.setAttribute('role', 'application');
  let picture: Size = { width: 1, height: 1 };

  /** Screen pixels per pixel of the picture. */
  const zoom = () => canvas.getBoundingClientRect().width / picture.width;

  function add(stroke: Stroke): void {
    if (context === null) return;
    context.globalCompositeOperation = stroke.isErasing ? 'destination-out' : 'source-over';
    drawStroke(context, stroke);
  }
  /** A canvas that is given a size forgets all else. */
  function prepare(): void {
    const shrink = Math.min(1, Math.sqrt(MOST_PIXELS / (picture.width * picture.height)));
    canvas.width = Math.max(1, Math.round(picture.width * shrink));
    canvas.height = Math.max(1, Math.round(picture.height * shrink));
    if (context === null) return;
    context.setTransform(canvas.width / picture.width, 0, 0, canvas.height / picture.height, 0, 0);
    const stripes = stripesFor(context, 1 / (zoom() || 1));
    context.fillStyle = stripes;
    context.strokeStyle = stripes;
  }

  return {
    canvas,
    add,
    setPicture(size) {
      picture = size;
      canvas.width = 0;
      canvas.height = 0;
    },
    show(shown) {
      canvas.hidden = !shown;
      ring.hidden = true;
    },
    redraw(strokes) {
      prepare();
      for (const stroke of strokes) add(stroke);
    },
    pointAt({ clientX, clientY }) {
      const box = canvas.getBoundingClientRect();
      return {
        x: ((clientX - box.left) / box.width) * picture.width,
        y: ((clientY - box.top) / box.height) * picture.height,
      };
    },
    showBrush(at, radius) {
      ring.hidden = at === undefined;
      if (at === undefined) return;
      const box = canvas.getBoundingClientRect();
      const frame = byId('frame', HTMLElement).getBoundingClientRect();
      const set = (name: string, px: number) => ring.style.setProperty(name, `${px}px`);
      set('--ring-x', box.left - frame.left + at.x * zoom());
      set('--ring-y', box.top - frame.top + at.y * zoom());
      set('--ring-size', 2 * radius * zoom());
    },
  };
}

/** @param scale Pixels of the picture per pixel of the screen. */
function stripesFor(context: CanvasRenderingContext2D, scale: number): CanvasPattern | string {
  const side = 4 * STRIPES.widthPx;
  const tile = new OffscreenCanvas(side, side);
  const paint = tile.getContext('2d');
  if (paint === null) return STRIPES.dark;
  paint.fillStyle = STRIPES.light;
  paint.fillRect(0, 0, side, side);
  paint.strokeStyle = STRIPES.dark;
  // As wide as the gaps, measured across the diagonal.
  paint.lineWidth = side / 2 / Math.SQRT2;
  for (const shift of [-side, 0, side]) {
    paint.beginPath();
    paint.moveTo(shift - side, 2 * side);
    paint.lineTo(shift + 2 * side, -side);
    paint.stroke();
  }
  const pattern = context.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(scale));
  return pattern ?? STRIPES.dark;
}
