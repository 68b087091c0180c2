import { callInPage, expect, makePicture, test } from './harness.js';

for (const isIsolated of [false, true]) {
  test(`works under a strict policy without blob: and asks nobody else (isolated: ${isIsolated})`, async ({
    openApp,
  }) => {
    const app = await openApp({ hasStrictCsp: true, isIsolated });
    const violations: string[] = [];
    app.page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) violations.push(message.text());
    });
    const picture = await makePicture(app.page, { width: 64, height: 48 });
    const result = await callInPage(app.page, { picture });
    expect(result.error).toBeUndefined();
    expect(result.blob).toMatchObject({ width: 128, height: 96 });
    expect(violations).toEqual([]);
    expect(app.foreignRequests).toEqual([]);
    // Nothing was sent anywhere: every request, also to the own server, is a plain GET without a body.
    expect(app.server.requests.filter(({ method, bodyBytes }) => method !== 'GET' || bodyBytes > 0)).toEqual([]);
  });
}
