import type { CallOptions } from 'tintype';
import { findGraphicsAdapter, type GraphicsAdapter } from './graphics-adapter.js';
import { byId } from './page-elements.js';

/** Where the network is to run. */
export type DeviceWish = NonNullable<CallOptions['device']>;

/** The control for {@link DeviceWish}. */
export interface DeviceControl {
  chosen(): DeviceWish;
  /** Chooses for the visitor; `onChange` is not called. */
  choose(wish: DeviceWish): void;
  /** Whether the chosen device is known to be so slow here that a run should not begin by itself. */
  isSlow(): boolean;
}

/** Of this tab, until it is closed: a wish for one visit must not puzzle the next. */
const MEMORY_KEY = 'tintype-device';

const HINTS: Readonly<Record<GraphicsAdapter['state'], string>> = {
  hardware: 'Automatic times both once for each model, then takes the faster.',
  software:
    'The only graphics adapter here is emulated in software, often hundreds of times slower. Automatic takes the processor.',
  none: 'The browser offers no graphics adapter, so only the processor can be used. Automatic takes it.',
  missing: 'This browser has no WebGPU, so only the processor can be used. Automatic takes it.',
};

/** @param onChange Called when the visitor chose another device, also one that cannot be had here: the run then says what to do. */
export function createDeviceControl(onChange: () => void): DeviceControl {
  const place = byId('devices', HTMLElement);
  const radios = [...place.querySelectorAll('input')];
  let adapter: GraphicsAdapter | undefined;

  const chosen = () => (radios.find(({ checked }) => checked)?.value ?? 'auto') as DeviceWish;
  function choose(wish: string): void {
    const radio = radios.find(({ value }) => value === wish);
    if (radio) radio.checked = true;
    remember(chosen());
  }

  place.addEventListener('change', () => {
    remember(chosen());
    onChange();
  });
  choose(remembered());
  void findGraphicsAdapter().then((found) => {
    adapter = found;
    byId('device-hint', HTMLElement).textContent = HINTS[found.state];
  });

  return { chosen, choose, isSlow: () => chosen() === 'webgpu' && adapter?.state === 'software' };
}

function remember(wish: DeviceWish): void {
  try {
    sessionStorage.setItem(MEMORY_KEY, wish);
  } catch {
    // Blocked by the browser's settings: it is then forgotten with the page.
  }
}

function remembered(): string {
  try {
    return sessionStorage.getItem(MEMORY_KEY) ?? 'auto';
  } catch {
    return 'auto';
  }
}
