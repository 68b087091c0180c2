import type { PreviewEvent, TileEvent } from 'tintype';

/** The live view is only looked at: past this many pixels it is painted smaller, to keep a huge result from being held twice. */
const MAX_LIVE_PIXELS = 2 ** 24;

/** The result as far as it has got. */
export interface TileCanvas {
  paint(tile: TileEvent): void;
  /** Paints all of the canvas, in whatever size the pixels have: it is shown at the size of the result. */
  paintWhole(pixels: Pick<PreviewEvent, 'data' | 'width' | 'height'>): void;
  /** Empties the canvas and returns its memory. */
  clear(): void;
}

/** Paints finished tiles where they belong; what is not painted stays transparent. */
export function createTileCanvas(canvas: HTMLCanvasElement): TileCanvas {
  const context = canvas.getContext('2d');
  let shrink = 1;

  function begin({ outputWidth, outputHeight }: TileEvent): void {
    shrink = Math.min(1, Math.sqrt(MAX_LIVE_PIXELS / (outputWidth * outputHeight)));
    canvas.width = Math.max(1, Math.round(outputWidth * shrink));
    canvas.height = Math.max(1, Math.round(outputHeight * shrink));
  }

  return {
    paint(tile) {
      if (context === null) return;
      if (canvas.width === 0) begin(tile);
      const pixels = new ImageData(tile.data, tile.width, tile.height);
      if (shrink === 1) context.putImageData(pixels, tile.x, tile.y);
      else paintShrunk(context, tile, pixels, shrink);
    },
    paintWhole({ data, width, height }) {
      // Setting a size, even the same, empties the canvas: it would flicker.
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      context?.putImageData(new ImageData(data, width, height), 0, 0);
    },
    clear() {
      canvas.width = 0;
      canvas.height = 0;
    },
  };
}

function paintShrunk(context: CanvasRenderingContext2D, tile: TileEvent, pixels: ImageData, shrink: number): void {
  const whole = new OffscreenCanvas(tile.width, tile.height);
  whole.getContext('2d')?.putImageData(pixels, 0, 0);
  // Rounded alike for neighbours, so that no seam shows.
  const left = Math.floor(tile.x * shrink);
  const top = Math.floor(tile.y * shrink);
  const right = Math.ceil((tile.x + tile.width) * shrink);
  const bottom = Math.ceil((tile.y + tile.height) * shrink);
  context.drawImage(whole, left, top, right - left, bottom - top);
}
