import type { FeedForwardManifest, FloatPixels } from '../../contract/manifest.js';
import type { Tensor } from '../../contract/tensor.js';

type Form = Pick<FeedForwardManifest, 'output' | 'floatPixels'>;

/** RGBA rows as the graph of a model takes them: as they are, or as planes of floats. */
export function tileToTensor(
  { floatPixels }: Form,
  rgba: Uint8Array<ArrayBuffer>,
  { width, height }: { readonly width: number; readonly height: number },
): Tensor {
  if (!floatPixels) return { dtype: 'uint8', dims: [1, height, width, 4], data: rgba };
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const values = floatsOf(floatPixels, channel);
    for (let at = 0; at < plane; at++) data[channel * plane + at] = values[rgba[at * 4 + channel] ?? 0] ?? 0;
  }
  return { dtype: 'float32', dims: [1, 3, height, width], data };
}

/**
 * What the graph gave, as RGBA rows with alpha 255.
 * @throws Error if it is not that many pixels in that form: then the manifest does not fit the graph.
 */
export function tensorToTile(
  { output, floatPixels }: Form,
  tensor: Tensor | undefined,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array<ArrayBuffer> {
  const plane = width * height;
  const { data } = tensor ?? {};
  if (!floatPixels && data instanceof Uint8Array && data.length === 4 * plane) return data;
  if (!floatPixels || !(data instanceof Float32Array) || data.length !== 3 * plane) {
    const form = floatPixels ? 'float32 planes' : 'RGBA bytes';
    throw new Error(
      `Output "${output}" is not ${width} x ${height} pixels as ${form}: the manifest does not fit the graph.`,
    );
  }
  const rgba = new Uint8Array(4 * plane).fill(255);
  // Rounded half to even and clamped by the array itself.
  const bytes = new Uint8ClampedArray(rgba.buffer);
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0; at < plane; at++) {
      bytes[at * 4 + channel] = (data[channel * plane + at] ?? 0) * floatPixels.outputScale;
    }
  }
  return rgba;
}

/** The float of each byte. */
function floatsOf({ rescale, mean, std }: FloatPixels, channel: number): Float32Array {
  const [from = 0, by = 1] = [mean[channel], std[channel]];
  return Float32Array.from({ length: 256 }, (_, byte) => (byte * rescale - from) / by);
}
