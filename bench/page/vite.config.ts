import { defineConfig } from 'vite';

// Targets what the bench runs in; nothing else differs from what an application would have.
export default defineConfig({ build: { target: 'esnext', chunkSizeWarningLimit: 10_000 }, worker: { format: 'es' } });
