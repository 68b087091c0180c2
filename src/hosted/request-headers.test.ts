import { describe, expect, test } from 'vitest';
import { buildHeaders, nameUnsafeHeaders } from './request-headers.js';

const FIRST = { number: 1, previousStatus: undefined };

describe('buildHeaders', () => {
  test('a plain object with lower-case names', () => {
    const headers = { 'Content-Type': 'image/png', 'X-Use-Cache': 'false' };
    expect(buildHeaders({ headers, scheme: 'Key' }, FIRST, 'id:secret')).toEqual({
      'content-type': 'image/png',
      'x-use-cache': 'false',
      authorization: 'Key id:secret',
    });
    expect(buildHeaders({}, FIRST, '')).toEqual({});
  });

  test.each([
    ['x-hf-bill-to', 'Łódź'],
    ['x-hf-bill-to', 'secret\r\nx-evil: 1'],
    ['x bad', 'secret'],
    ['Cookie', 'secret'],
    ['AUTHORIZATION', 'secret'],
  ])('%s: %j is misuse, and its value not quoted', (name, value) => {
    const build = (): unknown => buildHeaders({ headers: { [name]: value } }, FIRST, '');
    expect(build).toThrow(TypeError);
    expect(build).toThrow(/^(?!.*(secret|Łódź))/s);
  });
});

describe('nameUnsafeHeaders', () => {
  test('what a server need not allow is left out', () => {
    expect(nameUnsafeHeaders({ accept: 'image/png', 'accept-language': 'de' }, 'text')).toEqual([]);
    expect(nameUnsafeHeaders({ 'content-type': 'text/plain;charset=utf-8' }, undefined)).toEqual([]);
    expect(nameUnsafeHeaders({ 'x-b': '1', authorization: 'Bearer x' }, undefined)).toEqual(['authorization', 'x-b']);
  });

  test('a type counts as a header, be it written or brought by a Blob', () => {
    expect(nameUnsafeHeaders({ 'content-type': 'application/json' }, '{}')).toEqual(['content-type']);
    expect(nameUnsafeHeaders({}, new Blob([], { type: 'image/png' }))).toEqual(['content-type']);
    expect(nameUnsafeHeaders({}, new Blob([]))).toEqual([]);
  });
});
