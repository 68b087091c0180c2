import type { Size } from '../picture-viewport.js';
import type { Stroke } from './strokes.js';

/** Draws one stroke in the context's own fill and stroke style. */
export function drawStroke(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  { points: [first, ...rest], radius }: Pick<Stroke, 'points' | 'radius'>,
): void {
  // A line without length has no caps in some browsers: the disc is drawn by itself.
  context.beginPath();
  context.arc(first.x, first.y, radius, 0, 2 * Math.PI);
  context.fill();
  if (rest.length === 0) return;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.lineWidth = 2 * radius;
  context.beginPath();
  context.moveTo(first.x, first.y);
  for (const { x, y } of rest) context.lineTo(x, y);
  context.stroke();
}

/** The mask as a PNG of that size: white where the picture may change, black elsewhere. */
export async function maskAsPng(strokes: readonly Stroke[], { width, height }: Size): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('This browser gave no canvas to draw the mask on.');
  context.fillStyle = 'black';
  context.fillRect(0, 0, width, height);
  for (const stroke of strokes) {
    const colour = stroke.isErasing ? 'black' : 'white';
    context.fillStyle = colour;
    context.strokeStyle = colour;
    drawStroke(context, stroke);
  }
  return canvas.convertToBlob({ type: 'image/png' });
}
