/** What the browser offers for WebGPU. */
export type GpuFacts =
  | { readonly state: 'webgpu-missing' | 'webgpu-no-adapter' }
  | {
      readonly state: 'webgpu-software' | 'adapter';
      /** Names the adapter, as far as the browser tells; part of the key under which a measurement is remembered. */
      readonly name: string;
      readonly hasShaderF16: boolean;
    };

/** A driver that has not answered by then counts as none; the call goes on without it. */
const ADAPTER_DEADLINE_MS = 3_000;

/** Asks the browser for its adapter; never rejects. */
export async function probeGpu(gpu: GPU | undefined): Promise<GpuFacts> {
  if (!gpu) return { state: 'webgpu-missing' };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ADAPTER_DEADLINE_MS);
  });
  try {
    const adapter = await Promise.race([gpu.requestAdapter({ powerPreference: 'high-performance' }), late]);
    if (!adapter) return { state: 'webgpu-no-adapter' };
    const { info } = adapter;
    return {
      state: info?.isFallbackAdapter ? 'webgpu-software' : 'adapter',
      name: [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' '),
      hasShaderF16: adapter.features.has('shader-f16'),
    };
  } catch {
    return { state: 'webgpu-no-adapter' };
  } finally {
    clearTimeout(timer);
  }
}
