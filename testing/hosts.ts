import type { FakeProvider, Stage } from './settings.js';

/** Where a request was meant to go. */
export interface Destination {
  readonly host: string;
  readonly provider: FakeProvider | undefined;
  readonly stage: Stage | undefined;
  /** From the first slash, still encoded. */
  readonly path: string;
  /** As the provider sees it: without the prefix by which the router chooses it. */
  readonly providerPath: string;
  readonly query: URLSearchParams;
  /** Went through Hugging Face's router. */
  readonly isRouted: boolean;
}

interface KnownHost {
  readonly pattern: RegExp;
  readonly provider: FakeProvider | 'by-path';
  /** Serves result pictures. */
  readonly isFileHost?: boolean;
}

const KNOWN_HOSTS: readonly KnownHost[] = [
  { pattern: /^router\.huggingface\.co$/, provider: 'by-path' },
  { pattern: /^huggingface\.co$/, provider: 'hub' },
  // The host of the former serverless API, same protocol.
  { pattern: /^api-inference\.huggingface\.co$/, provider: 'hf-inference' },
  { pattern: /\.endpoints\.huggingface\.cloud$/, provider: 'endpoint' },
  { pattern: /^(queue\.)?fal\.run$/, provider: 'fal-ai' },
  { pattern: /\.fal\.media$/, provider: 'fal-ai', isFileHost: true },
  { pattern: /^api\.replicate\.com$/, provider: 'replicate' },
  { pattern: /^(.+\.)?replicate\.delivery$/, provider: 'replicate', isFileHost: true },
  { pattern: /^api\.wavespeed\.ai$/, provider: 'wavespeed' },
  { pattern: /^cdn\.wavespeed\.ai$/, provider: 'wavespeed', isFileHost: true },
  { pattern: /^api\.together\.xyz$/, provider: 'together' },
  { pattern: /^api\.together\.ai$/, provider: 'together', isFileHost: true },
];

const ROUTED: readonly FakeProvider[] = ['hf-inference', 'fal-ai', 'replicate', 'wavespeed', 'together'];

/** Whether the fake stands in for a host. */
export function isKnownHost(host: string): boolean {
  return KNOWN_HOSTS.some(({ pattern }) => pattern.test(host));
}

/**
 * Reads a URL of the loopback server, `/{host}/{path}?{query}`.
 * @param stageOf What a provider calls a request of this method and path.
 */
export function readDestination(
  method: string,
  url: string,
  stageOf: (provider: FakeProvider, method: string, path: string) => Stage,
): Destination {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const [, host = '', path = ''] = /^\/([^/]*)(.*)$/.exec(pathname) ?? [];
  const known = KNOWN_HOSTS.find(({ pattern }) => pattern.test(host));
  const [, prefix, rest] = /^\/([^/]+)(\/.*)$/.exec(path) ?? [];
  const isRouted = known?.provider === 'by-path';
  const provider = known?.provider === 'by-path' ? ROUTED.find((name) => name === prefix) : known?.provider;
  const providerPath = isRouted ? (rest ?? '') : path;
  const common = { host, path: path || '/', providerPath, provider, query: searchParams, isRouted };
  if (method === 'OPTIONS') return { ...common, stage: 'preflight' };
  if (provider === undefined) return { ...common, stage: undefined };
  return { ...common, stage: known?.isFileHost ? 'download' : stageOf(provider, method, providerPath) };
}
