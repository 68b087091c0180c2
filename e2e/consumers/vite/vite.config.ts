import { defineConfig } from 'vite';

// Nothing special on purpose: this is what an application that installs Tintype has to configure.
export default defineConfig({});
