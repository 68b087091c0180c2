/** Whether the page's own policy lets it talk to an address. */
export type MayConnect = (address: URL) => boolean;

/**
 * Reads which addresses a Content Security Policy allows in `connect-src`. A page without a policy may talk to all.
 * @param policy As the page's meta element holds it; undefined where there is none (the dev server).
 * @param origin The page's own.
 */
export function readPagePolicy(policy: string | undefined, origin: string): MayConnect {
  const directive = policy
    ?.split(';')
    .map((part) => part.trim().split(/\s+/))
    .find(([name]) => name === 'connect-src');
  if (directive === undefined) return () => true;
  const [, ...sources] = directive;
  return (address) => sources.some((source) => allows(source, address, origin));
}

/** The page's own policy; built pages hold it, see vite.config.ts. */
export function ownPolicy(): string | undefined {
  const element = document.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]');
  return element?.content;
}

/** The forms that our own policies use: `'self'`, `https://host` and `https://*.host`. */
function allows(source: string, { origin: asked, protocol, hostname }: URL, origin: string): boolean {
  if (source === "'self'") return asked === origin;
  const [, domain] = /^https:\/\/\*(\..+)$/.exec(source) ?? [];
  return domain === undefined ? asked === source : protocol === 'https:' && hostname.endsWith(domain);
}
