import * as tintype from 'tintype';

// The tests call the package through this; a real application would just use the import.
declare global {
  interface Window {
    tintype: typeof tintype;
    importRepository(): Promise<typeof import('tintype/repository')>;
    makePlacementWorker(): Worker;
  }
}

window.tintype = tintype;
window.importRepository = () => import('tintype/repository');
window.makePlacementWorker = () => new Worker(new URL('./placement.worker.ts', import.meta.url), { type: 'module' });
