import type { Device, DeviceReason, Report } from 'tintype';
import { deviceInWords, spanInWords } from './words.js';

/** The library's reasons name its options; a visitor has a choice between three buttons. */
const REASONS: Readonly<Record<DeviceReason, string>> = {
  'device-asked': 'as you chose under More options.',
  'webgpu-missing': 'for this browser has no WebGPU, which the graphics would need.',
  'webgpu-no-adapter': 'for the browser offers no graphics adapter.',
  'webgpu-software': 'for the only graphics adapter here is emulated in software, which is much slower.',
  'dtype-wasm-only': 'for this file of the model runs nowhere else.',
  'model-size': 'where models of its size go: small ones to the processor, large ones to the graphics.',
  measured: 'the faster of both: a small piece was timed on each in this run.',
  remembered: 'the faster of both when this model was timed here before.',
  'webgpu-unmeasured': 'for the two could not be compared this time.',
  'webgpu-failed': 'for the graphics (WebGPU) failed here, or gave wrong pixels.',
};

/** Where a call ran and why, in one sentence; undefined if it ended before that was settled, or at a service. */
export function whyThere({
  where,
  device,
  deviceReason,
}: Pick<Report, 'where' | 'device' | 'deviceReason'>): string | undefined {
  if (where === 'hosted' || device === undefined || deviceReason === undefined) return undefined;
  return `Ran on the ${deviceInWords(device)}, ${REASONS[deviceReason]}`;
}

/** "1.4 s per megapixel", where the choice rests on a measurement of that device. */
export function measuredInWords(
  { deviceMsPerMegapixel }: Pick<Report, 'deviceMsPerMegapixel'>,
  device: Device,
): string | undefined {
  return deviceMsPerMegapixel && `${spanInWords(deviceMsPerMegapixel[device])} per megapixel`;
}
