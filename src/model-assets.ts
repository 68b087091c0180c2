import type { GraphFiles, ModelFile } from './contract/manifest.js';
import type { ModelAsset } from './contract/worker-apis.js';

/** A file as the workers know it. Without a SHA-256 its key holds what changes when the file does. */
export function assetOf(file: ModelFile & Pick<GraphFiles, 'externalData'>): ModelAsset {
  const { url, sizeBytes, sha256, version = '', externalData = [] } = file;
  return {
    key: sha256 ?? `${url} ${sizeBytes} ${version}`,
    url,
    sizeBytes,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(externalData.length === 0
      ? {}
      : { externalData: externalData.map((beside) => ({ path: beside.path, asset: assetOf(beside) })) }),
  };
}

/** Keys of a file and of those that it names. */
export function keysOf(asset: ModelAsset): readonly string[] {
  return [asset.key, ...(asset.externalData ?? []).map((beside) => beside.asset.key)];
}
