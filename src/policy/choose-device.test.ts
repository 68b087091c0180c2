import { expect, test } from 'vitest';
import { chooseDevice, type DeviceQuestion, type Verdict } from './choose-device.js';
import type { GpuFacts } from './gpu.js';

const STATES: readonly GpuFacts['state'][] = ['webgpu-missing', 'webgpu-no-adapter', 'webgpu-software', 'adapter'];
const FASTER: Verdict = { device: 'webgpu', msPerMegapixel: { wasm: 500, webgpu: 50 } };

function ask(question: Partial<DeviceQuestion>): string {
  const answer = chooseDevice({ asked: 'auto', gpu: 'adapter', wasmOnly: false, verdict: undefined, ...question });
  return 'reason' in answer ? `${answer.device}, ${answer.reason}` : answer.device;
}

test('every answer there is', () => {
  const answers = (['auto', 'wasm', 'webgpu'] as const).flatMap((asked) =>
    STATES.map((gpu) => `${asked}, ${gpu}: ${ask({ asked, gpu })}`),
  );
  expect(answers).toEqual([
    'auto, webgpu-missing: wasm, webgpu-missing',
    'auto, webgpu-no-adapter: wasm, webgpu-no-adapter',
    'auto, webgpu-software: wasm, webgpu-software',
    'auto, adapter: measure',
    'wasm, webgpu-missing: wasm, device-asked',
    'wasm, webgpu-no-adapter: wasm, device-asked',
    'wasm, webgpu-software: wasm, device-asked',
    'wasm, adapter: wasm, device-asked',
    'webgpu, webgpu-missing: refused, webgpu-missing',
    'webgpu, webgpu-no-adapter: refused, webgpu-no-adapter',
    'webgpu, webgpu-software: webgpu, device-asked',
    'webgpu, adapter: webgpu, device-asked',
  ]);
});

test('a verdict is asked only where it matters', () => {
  expect(ask({ verdict: FASTER })).toBe('webgpu, remembered');
  expect(ask({ verdict: { ...FASTER, device: 'wasm' } })).toBe('wasm, remembered');
  expect(ask({ verdict: { device: 'wasm' } })).toBe('wasm, webgpu-failed');
  expect(ask({ verdict: FASTER, gpu: 'webgpu-software' })).toBe('wasm, webgpu-software');
  expect(ask({ verdict: FASTER, asked: 'wasm' })).toBe('wasm, device-asked');
});

test('a file that runs on WASM only is never sent to WebGPU', () => {
  expect(ask({ wasmOnly: true, verdict: FASTER })).toBe('wasm, dtype-wasm-only');
  expect(ask({ wasmOnly: true, asked: 'webgpu' })).toBe('refused, dtype-wasm-only');
});
