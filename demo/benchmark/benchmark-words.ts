import type { Size } from '../picture-viewport.js';
import { deviceInWords, megapixelsInWords } from '../words.js';
import type { BenchmarkModel, Measurement, Place } from './plan.js';

const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** "Sharp ×2" for the title "Enlarge, sharp". */
export function modelInWords({ title, scale }: Pick<BenchmarkModel, 'title' | 'scale'>): string {
  const name = title.replace(/^enlarge,\s*/i, '');
  const upper = name.charAt(0).toUpperCase() + name.slice(1);
  return scale === 1 ? upper : `${upper} ×${scale}`;
}

/** "Processor (WASM)", "Graphics (WebGPU)". */
export function placeInWords({ device }: Place): string {
  const words = deviceInWords(device);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What else there is to say of a place: "one engine", "all engines", "emulated in software". */
export function enginesInWords({ device, maxEngines, isSoftware }: Place): string {
  if (isSoftware) return 'emulated in software';
  if (device === 'webgpu') return 'graphics adapter';
  return maxEngines === 1 ? 'one engine' : 'all engines';
}

/** "0.3 megapixels", or "tiny". */
export function pictureInWords({ width, height }: Size): string {
  return width * height < 50_000 ? 'tiny' : megapixelsInWords(width * height);
}

/** One row in a line, for the progress. */
export function measurementInWords({ model, picture, place }: Measurement): string {
  return `${modelInWords(model)}, ${pictureInWords(picture)}, ${deviceInWords(place.device)}, ${enginesInWords(place)}`;
}

/** A rate or count with three digits that count. */
export function threeDigits(value: number): string {
  return three.format(value);
}
