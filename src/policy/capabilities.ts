/** What this realm offers. Asked of the browser at the first call, never at import, so that importing works anywhere. */
export interface Capabilities {
  readonly workers: boolean;
  readonly webAssembly: boolean;
  /** WebCrypto, without which model files cannot be verified. */
  readonly secureContext: boolean;
  /** Logical cores; 4 where the browser does not tell. */
  readonly cores: number;
}

/** Asks the browser. */
export function probeCapabilities(realm: typeof globalThis = globalThis): Capabilities {
  return {
    workers: typeof realm.Worker === 'function' && typeof realm.OffscreenCanvas === 'function',
    webAssembly: typeof realm.WebAssembly === 'object',
    secureContext: realm.isSecureContext === true,
    cores: realm.navigator?.hardwareConcurrency || 4,
  };
}

/** What is missing for running in the page, in words; undefined when nothing is. */
export function missingCapability(capabilities: Capabilities): string | undefined {
  if (!capabilities.workers) return 'Web Workers with OffscreenCanvas';
  if (!capabilities.webAssembly) return 'WebAssembly';
  if (!capabilities.secureContext) return 'a secure context (https, or localhost)';
  return undefined;
}
