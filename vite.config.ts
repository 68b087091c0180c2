import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const repository = fileURLToPath(new URL('.', import.meta.url));

/** All that the built page needs; `npm start` sends it as a header, so that the strictest page is the one that is tried. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** `TINTYPE_ISOLATED=0` serves the page as most hosts do, without cross-origin isolation. */
const isolation: Record<string, string> =
  process.env.TINTYPE_ISOLATED === '0'
    ? {}
    : { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** The policy travels inside the built page too, for hosts that cannot send headers. Vite's dev client would break under it. */
function policyInPage(): Plugin {
  return {
    name: 'tintype-policy-in-page',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
        injectTo: 'head-prepend',
      },
    ],
  };
}

export default defineConfig({
  root: `${repository}demo`,
  base: './',
  // The demo knows the package by its name only, but is built from the sources: no build of the package is needed to try it.
  resolve: { alias: { tintype: `${repository}src/index.ts` } },
  plugins: [policyInPage()],
  worker: { format: 'es' },
  build: {
    outDir: `${repository}build/demo`,
    emptyOutDir: true,
    rolldownOptions: { input: [`${repository}demo/index.html`, `${repository}demo/benchmark.html`] },
    target: 'es2022',
    // A model or picture inlined as a data: URL could not be fetched under the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // Found while a picture runs, a new dependency would make the dev server reload the page.
  optimizeDeps: { noDiscovery: true, include: ['img-comparison-slider'], exclude: ['onnxruntime-web', 'comlink'] },
  server: { host: '127.0.0.1', headers: isolation, fs: { allow: [repository] } },
  preview: {
    host: '127.0.0.1',
    headers: { ...isolation, 'Content-Security-Policy': contentSecurityPolicy, 'Referrer-Policy': 'no-referrer' },
  },
});
