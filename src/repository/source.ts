import type { ModelFile } from '../contract/manifest.js';

/** Where the files of a repository are: behind a URL, or in the page's hands. Paths are relative, with `/`. */
export interface FileSource {
  /** What the place itself suggests as a name for the model. */
  readonly name: string;
  /** The place in words for messages; never with a query, which may hold a token. */
  readonly place: string;
  /** A text file; undefined where there is none. */
  readText(path: string): Promise<string | undefined>;
  /**
   * Address and length of a file without reading it; undefined where there is none.
   * @param length `count` for small files: where the length is not told, the file is read to learn it.
   */
  describe(path: string, length: 'told' | 'count'): Promise<ModelFile | undefined>;
  /** Gives back what was taken for files that nobody will read. */
  release(): void;
}
