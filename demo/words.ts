import type { Device } from 'tintype';

const LANGUAGE = 'en';
/** A number without decimals: "1,600". */
export const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A size for people, in decimal units: "812 bytes", "17 kB", "1.4 MB". */
export function bytesInWords(sizeBytes: number): string {
  if (sizeBytes < 1_000) return `${sizeBytes} bytes`;
  if (sizeBytes < 1_000_000) return `${whole.format(sizeBytes / 1_000)} kB`;
  return `${(sizeBytes < 100_000_000 ? tenths : whole).format(sizeBytes / 1_000_000)} MB`;
}

/** A time span for people: "240 ms", "1.4 s", "2 min 5 s". */
export function spanInWords(ms: number): string {
  if (ms < 1_000) return `${whole.format(Math.max(1, ms))} ms`;
  if (ms < 10_000) return `${tenths.format(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** "0.3 megapixels", "144 megapixels". */
export function megapixelsInWords(pixels: number): string {
  return `${(pixels < 10_000_000 ? tenths : whole).format(pixels / 1_000_000)} megapixels`;
}

/** The work of a run as estimated, no more exact than it is; loading, reading and writing come on top. */
export function workInWords(ms: number): string {
  return ms < 1_000
    ? 'less than 1 s of work'
    : `about ${spanInWords(Math.round(ms / 1_000) * 1_000).replace('.0', '')} of work`;
}

/** Width and height, as in "902 × 600". */
export function sizeInWords(size: { readonly width: number; readonly height: number }): string {
  return `${size.width} × ${size.height}`;
}

/** "PNG" for `image/png`. */
export function typeInWords(type: string): string {
  const name = type.replace(/^image\//, '');
  return name === 'webp' ? 'WebP' : name.toUpperCase();
}

/** "processor (WASM)" or "graphics (WebGPU)". */
export function deviceInWords(device: Device): string {
  return device === 'webgpu' ? 'graphics (WebGPU)' : 'processor (WASM)';
}

/** A sentence's beginning as part of another one. */
export function lowered(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/** "1 tile", "4 tiles". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
