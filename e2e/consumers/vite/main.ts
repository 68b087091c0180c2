import * as tintype from 'tintype';

// The tests call the package through this; a real application would just use the import.
declare global {
  interface Window {
    tintype: typeof tintype;
  }
}

window.tintype = tintype;
