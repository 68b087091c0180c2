/** What the browser offers for WebGPU, as far as it tells. */
export interface GraphicsAdapter {
  /** `missing`: no WebGPU in this browser; `none`: WebGPU, but no adapter; `software`: one that the processor plays. */
  readonly state: 'missing' | 'none' | 'software' | 'hardware';
  /** The adapter's own words; empty where the browser keeps them to itself. */
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
  };
}

const UNTOLD = { vendor: '', architecture: '', device: '', description: '' } as const;
/** A driver that has not answered by then counts as none. */
const DEADLINE_MS = 3_000;

/** Asks the browser for its adapter, without opening a device; never rejects. */
export async function findGraphicsAdapter(): Promise<GraphicsAdapter> {
  // Older than the types: not every browser has it.
  const gpu = navigator.gpu as GPU | undefined;
  if (gpu === undefined) return { state: 'missing', info: UNTOLD };
  const late = new Promise<null>((resolve) => {
    setTimeout(resolve, DEADLINE_MS, null);
  });
  const adapter = await Promise.race([gpu.requestAdapter({ powerPreference: 'high-performance' }), late]).catch(
    () => null,
  );
  if (adapter === null) return { state: 'none', info: UNTOLD };
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return { state: isFallbackAdapter ? 'software' : 'hardware', info: { vendor, architecture, device, description } };
}

/** The adapter in a few words: "nvidia ampere", "none", "emulated in software (google swiftshader)". */
export function adapterInWords({ state, info }: GraphicsAdapter): string {
  if (state === 'missing') return 'none: this browser has no WebGPU';
  if (state === 'none') return 'none: the browser offers no graphics adapter';
  const name =
    info.description || [info.vendor, info.architecture, info.device].filter((part) => part !== '').join(' ');
  if (state === 'software') return name === '' ? 'emulated in software' : `emulated in software (${name})`;
  return name === '' ? 'yes, the browser does not tell which' : name;
}
