import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository's root folder. */
export const repositoryRoot: string = dirname(dirname(fileURLToPath(import.meta.url)));
