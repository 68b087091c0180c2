import { describe, expect, test } from 'vitest';
import { findAddressFault } from './allowed-address.js';

describe('findAddressFault', () => {
  test.each([
    'https://router.huggingface.co/x?y',
    'http://localhost:8080/',
    'http://api.localhost/',
    'http://127.0.0.1:3000/',
    'http://[::1]:3000/',
    'http://printer.local/api',
  ])('%s may be asked from http://printer.local', (url) => {
    expect(findAddressFault(url, 'http://printer.local')).toBeUndefined();
  });

  test.each([
    ['http://models.example/', 'not-https'],
    ['http://printer.local:81/', 'not-https'],
    ['http://localhost.example/', 'not-https'],
    ['http://127.0.0.1.example/', 'not-https'],
    ['http://0.0.0.0/', 'not-https'],
    ['ftp://models.example/', 'not-https'],
    ['data:image/png;base64,AA', 'not-https'],
    ['blob:https://models.example/1', 'not-https'],
    ['javascript:alert(1)', 'not-https'],
    ['https://hf_token@models.example/', 'holds-credentials'],
    ['https://router.huggingface.co:x@models.example/', 'holds-credentials'],
    ['/api/hf', 'not-a-url'],
    ['', 'not-a-url'],
  ])('%s may not: %s', (url, fault) => {
    expect(findAddressFault(url, 'http://printer.local')).toBe(fault);
  });

  test('a sandboxed frame has no origin of its own', () => {
    expect(findAddressFault('http://models.example/', 'null')).toBe('not-https');
    expect(findAddressFault('data:,x', 'null')).toBe('not-https');
  });
});
