import { type Answer, text } from './answer.js';

/** What pages of other origins may do. */
export interface CorsPolicy {
  /** `*` or one origin. */
  readonly allowOrigin: string;
  /** Request headers that a preflight grants; `*` grants all but `authorization`. */
  readonly allowHeaders: readonly string[];
  /** Answer headers that the page may read besides the safelisted ones. */
  readonly exposeHeaders: readonly string[];
  /** Lets cookies be sent; browsers refuse it together with `*`. @default false */
  readonly allowCredentials?: boolean;
  /** Seconds that a preflight stays good. @default not sent: browsers take 5 */
  readonly maxAgeSeconds?: number;
}

/** Headers of an answer that is not to a preflight. */
export function corsHeaders(policy: CorsPolicy | 'none'): Record<string, string> {
  if (policy === 'none') return {};
  return {
    'access-control-allow-origin': policy.allowOrigin,
    ...(policy.allowOrigin === '*' ? {} : { vary: 'origin' }),
    ...(policy.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(policy.exposeHeaders.length > 0 ? { 'access-control-expose-headers': policy.exposeHeaders.join(', ') } : {}),
  };
}

/** What a server without CORS says to OPTIONS, or the grant. */
export function preflightAnswer(policy: CorsPolicy | 'none'): Answer {
  if (policy === 'none') return text(405, 'Method Not Allowed', 'text/plain');
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, PUT, DELETE',
      'access-control-allow-headers': policy.allowHeaders.join(', '),
      ...(policy.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(policy.maxAgeSeconds) }),
    },
    bytes: new Uint8Array(),
  };
}
