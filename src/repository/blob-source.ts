import type { FileSource } from './source.js';

/** Files that the page was given: of a directory picker, or by path. */
export type HandedInFiles = Iterable<File> | FileList | ReadonlyMap<string, Blob>;

/**
 * Files in the page's hands. Those that a manifest names get a `blob:` URL, which lives as long as the page unless the application
 * revokes it.
 * @throws TypeError for anything but files.
 */
export function createBlobSource(files: HandedInFiles, signal?: AbortSignal): FileSource {
  const given: readonly (readonly [string, Blob])[] = isMap(files)
    ? [...files]
    : Array.from(files, (file) => [pathOf(file), file] as const);
  for (const [path, blob] of given) {
    if (!(blob instanceof Blob)) throw new TypeError(`"${path}" is not a File or Blob.`);
  }
  const paths = given.map(([path]) => path.replace(/^(\.?\/)+/, ''));
  const root = commonFolder(paths);
  const blobs = new Map(given.map(([, blob], at) => [(paths[at] ?? '').slice(root.length), blob]));
  const urls = new Map<string, string>();

  function urlOf(path: string, blob: Blob): string {
    const url = urls.get(path) ?? URL.createObjectURL(blob);
    urls.set(path, url);
    return url;
  }

  return {
    name: root.slice(0, -1) || 'local-model',
    place: root === '' ? 'the files handed in' : `the folder "${root.slice(0, -1)}"`,
    async readText(path) {
      const text = await blobs.get(path)?.text();
      signal?.throwIfAborted();
      return text;
    },
    async describe(path) {
      signal?.throwIfAborted();
      const blob = blobs.get(path);
      if (!blob) return undefined;
      const file = { url: urlOf(path, blob), sizeBytes: blob.size };
      return 'lastModified' in blob ? { ...file, version: String(blob.lastModified) } : file;
    },
    release() {
      for (const url of urls.values()) URL.revokeObjectURL(url);
      urls.clear();
    },
  };
}

function isMap(files: HandedInFiles): files is ReadonlyMap<string, Blob> {
  return 'get' in files && 'has' in files;
}

function pathOf(file: File): string {
  return file.webkitRelativePath || file.name;
}

/** The folder that all paths begin with, with its `/`; empty where there is none. */
function commonFolder(paths: readonly string[]): string {
  const first = paths[0] ?? '';
  const root = first.slice(0, first.indexOf('/') + 1);
  return root !== '' && paths.every((path) => path.startsWith(root)) ? root : '';
}
