import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const repository = fileURLToPath(new URL('.', import.meta.url));

/** All that the built page needs; `npm start` sends it as a header, so that the strictest page is the one that is tried. */
const contentSecurityPolicy = policyFor("'self'");

/**
 * Whom hosted.html may talk to besides: Hugging Face, its endpoints, the providers, and where those keep results. It is index.html
 * under another name, for a policy cannot change while a page is open, and who never asks for a service keeps a page that cannot send.
 */
const hostedPolicy = policyFor(
  [
    "'self'",
    'https://router.huggingface.co',
    'https://huggingface.co',
    'https://*.endpoints.huggingface.cloud',
    'https://queue.fal.run',
    'https://*.fal.media',
    'https://api.replicate.com',
    'https://replicate.delivery',
    'https://*.replicate.delivery',
    'https://api.wavespeed.ai',
    'https://cdn.wavespeed.ai',
    'https://api.together.xyz',
    'https://api.together.ai',
  ].join(' '),
);

function policyFor(connectSources: string): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `connect-src ${connectSources}`,
    "img-src 'self' blob: data:",
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** `TINTYPE_ISOLATED=0` serves the page as most hosts do, without cross-origin isolation. */
const isolation: Record<string, string> =
  process.env.TINTYPE_ISOLATED === '0'
    ? {}
    : { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

function policyElement(policy: string): string {
  return `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
}

/** The policy travels inside the built page too, for hosts that cannot send headers. Vite's dev client would break under it. */
function policyInPage(): Plugin {
  return {
    name: 'tintype-policy-in-page',
    apply: 'build',
    // Written as it is, first in the head: hosted.html is made from it by its text.
    transformIndexHtml: (html) => html.replace('<head>', `<head>\n    ${policyElement(contentSecurityPolicy)}`),
  };
}

/** Writes hosted.html beside index.html. */
function pageForServices(): Plugin {
  return {
    name: 'tintype-page-for-services',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') throw new Error('index.html was not built.');
        const source = String(page.source);
        const strict = policyElement(contentSecurityPolicy);
        if (!source.includes(strict)) throw new Error('index.html does not hold the policy.');
        this.emitFile({
          type: 'asset',
          fileName: 'hosted.html',
          source: source.replace(strict, policyElement(hostedPolicy)),
        });
      },
    },
  };
}

/** `npm start` sends each page with its own policy, and workers with the strict one: headers of the preview server itself know no page. */
function policyAsHeader(): Plugin {
  return {
    name: 'tintype-policy-as-header',
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const isForServices = new URL(request.url ?? '/', 'http://localhost').pathname === '/hosted.html';
        response.setHeader('Content-Security-Policy', isForServices ? hostedPolicy : contentSecurityPolicy);
        next();
      });
    },
  };
}

export default defineConfig({
  root: `${repository}demo`,
  base: './',
  // The demo knows the package by its name only, but is built from the sources: no build of the package is needed to try it.
  resolve: { alias: { tintype: `${repository}src/index.ts` } },
  plugins: [policyInPage(), pageForServices(), policyAsHeader()],
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
    headers: { ...isolation, 'Referrer-Policy': 'no-referrer' },
  },
});
