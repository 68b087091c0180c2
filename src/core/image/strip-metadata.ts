// PLACEHOLDER; to be overwritten.
export function stripMetadata(_bytes: Uint8Array, _format: string): Uint8Array | undefined {
  return undefined;
}
