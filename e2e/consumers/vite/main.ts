import * as tintype from 'tintype';

// The tests call the package through this; a real application would just use the import.
declare global {
  interface Window {
    tintype: typeof tintype;
    importRepository(): Promise<typeof import('tintype/repository')>;
    importEndpoint(): Promise<typeof import('tintype/endpoint')>;
    /** Hugging Face's own client, for which the endpoint is made. */
    importOfficialClient(): Promise<typeof import('@huggingface/inference')>;
    makePlacementWorker(): Worker;
  }
}

window.tintype = tintype;
window.importRepository = () => import('tintype/repository');
window.importEndpoint = () => import('tintype/endpoint');
window.importOfficialClient = () => import('@huggingface/inference');
window.makePlacementWorker = () => new Worker(new URL('./placement.worker.ts', import.meta.url), { type: 'module' });
