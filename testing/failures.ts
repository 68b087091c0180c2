import type { Step } from './script.js';

/** What can go wrong with a request; the body of each is shaped as a real one. */
export type FailureName =
  | 'loading'
  | 'rate-limited'
  | 'rate-limited-until-date'
  | 'rate-limited-by-policy'
  | 'rate-limited-without-hint'
  | 'bad-request'
  | 'unauthorized'
  | 'payment-required'
  | 'forbidden'
  | 'not-found'
  | 'payload-too-large'
  | 'unprocessable'
  | 'server-error'
  | 'server-error-message'
  | 'bad-gateway'
  | 'gateway-timeout'
  | 'reset'
  | 'hang'
  | 'cut'
  | 'short'
  | 'stall'
  | 'slow'
  | 'html'
  | 'not-json'
  | 'empty'
  | 'redirect';

const RATE_LIMITED = { error: 'Too Many Requests: you have reached your rate limit.' };

/** Steps by name; spread one to change it: `{ ...failures.loading, times: Infinity }`. */
export const failures: Readonly<Record<FailureName, Step>> = {
  // Real estimates are 20 s and more; a test should not have to wait for them.
  loading: { status: 503, body: { error: 'Model acme/painter is currently loading', estimated_time: 0.2 } },
  'rate-limited': { status: 429, body: RATE_LIMITED, headers: { 'retry-after': '1' } },
  'rate-limited-until-date': {
    status: 429,
    body: RATE_LIMITED,
    headers: { 'retry-after': () => new Date(Date.now() + 2000).toUTCString() },
  },
  'rate-limited-by-policy': { status: 429, body: RATE_LIMITED, headers: { ratelimit: '"api";r=0;t=2' } },
  'rate-limited-without-hint': { status: 429, body: RATE_LIMITED },
  'bad-request': { status: 400, body: { error: 'Image is corrupt or of an unknown format' } },
  unauthorized: { status: 401, body: { error: 'Invalid username or password.' } },
  'payment-required': {
    status: 402,
    body: { error: { message: 'You have exceeded your monthly included credits for Inference Providers.' } },
  },
  forbidden: { status: 403, body: { error: 'This token may not call Inference Providers on behalf of its user.' } },
  'not-found': { status: 404, body: { error: 'Model acme/painter does not exist' } },
  'payload-too-large': { status: 413, body: 'Failed to buffer the request body: length limit exceeded' },
  unprocessable: {
    status: 422,
    body: { detail: [{ loc: ['body', 'prompt'], msg: 'field required', type: 'value_error.missing' }] },
  },
  'server-error': { status: 500, body: { error: 'Internal Server Error' } },
  'server-error-message': { status: 500, body: { message: 'Something went wrong' } },
  // Without a charset, as some proxies send it; the official client loses such a text.
  'bad-gateway': { status: 502, body: 'Bad Gateway', headers: { 'content-type': 'text/plain' } },
  'gateway-timeout': {
    status: 504,
    body: { detail: 'Request timed out', error_type: 'request_timeout' },
    headers: { 'x-fal-error-type': 'request_timeout' },
  },
  reset: { delivery: 'reset' },
  hang: { delivery: 'hang' },
  cut: { delivery: 'cut' },
  short: { delivery: 'short' },
  stall: { delivery: 'stall' },
  slow: { delivery: 'slow' },
  html: {
    status: 200,
    body: '<!doctype html><title>Not what you asked for</title>',
    headers: { 'content-type': 'text/html; charset=utf-8' },
  },
  'not-json': { status: 200, body: '{"status": ', headers: { 'content-type': 'application/json' } },
  empty: { status: 200, body: new Uint8Array(), headers: { 'content-type': 'image/png' } },
  redirect: { status: 307, headers: { location: ({ elsewhere }) => elsewhere } },
};
