import type { BenchPage } from '../lab.js';

/**
 * Watches what a page asks for from now on. Libraries that fall back to a CDN do so without a word, and would be timed with
 * the network's moods.
 * @returns Throws, when called, if anything was asked of another origin.
 */
export function watchRequests({ page, server }: Pick<BenchPage, 'page' | 'server'>): () => void {
  const foreign: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== server.origin) foreign.push(request.url());
  });
  return () => {
    if (foreign.length > 0) throw new Error(`Asked of other origins: ${foreign.join(', ')}.`);
  };
}
