import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveAllowed } from './allowed-url.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

function onPage(href: string): void {
  vi.stubGlobal('location', new URL(href));
}

describe('resolveAllowed', () => {
  test('resolves against the page, whose own origin is allowed', () => {
    onPage('https://app.example/edit/index.html');
    expect(resolveAllowed('../models/sd/').href).toBe('https://app.example/models/sd/');
    expect(resolveAllowed(new URL('https://app.example/m')).href).toBe('https://app.example/m');
  });

  test('the base of a document counts before its address', () => {
    onPage('https://app.example/edit/');
    vi.stubGlobal('document', { baseURI: 'https://app.example/assets/' });
    expect(resolveAllowed('sd/').href).toBe('https://app.example/assets/sd/');
  });

  test('another origin is refused with the option that allows it', () => {
    onPage('https://app.example/');
    expect(() => resolveAllowed('https://models.example/sd/')).toThrow(RangeError);
    expect(() => resolveAllowed('https://models.example/sd/')).toThrow("pass origins: ['https://models.example']");
    expect(() => resolveAllowed('https://models.example:444/sd/', ['https://models.example'])).toThrow(/not this page/);
    expect(resolveAllowed('https://models.example/sd/', ['https://models.example/']).pathname).toBe('/sd/');
  });

  test('plain http is for this machine and for pages that are plain http themselves', () => {
    const local = ['http://localhost:8080', 'http://app.localhost', 'http://127.0.0.1:9', 'http://[::1]:9'];
    for (const origin of local) expect(resolveAllowed(`${origin}/sd/`, [origin]).origin).toBe(origin);
    for (const origin of ['http://models.example', 'http://127.evil.example', 'http://localhost.evil.example']) {
      expect(() => resolveAllowed(`${origin}/sd/`, [origin])).toThrow(/plain http/);
    }
    onPage('http://192.168.0.7/app/');
    expect(resolveAllowed('sd/').href).toBe('http://192.168.0.7/app/sd/');
  });

  test('what is no address, no http, or holds a password is refused, and the password is not repeated', () => {
    expect(() => resolveAllowed('sd/')).toThrow(/not a URL/);
    expect(() => resolveAllowed('file:///models/sd/')).toThrow(/Hand local files in/);
    expect(() => resolveAllowed('data:,x')).toThrow(RangeError);
    expect(() => resolveAllowed('https://a.example/', ['a.example'])).toThrow(/not an origin/);
    const message = /user name or password(?!.*hunter2)/;
    expect(() => resolveAllowed('https://me:hunter2@a.example/', ['https://a.example'])).toThrow(message);
  });
});
