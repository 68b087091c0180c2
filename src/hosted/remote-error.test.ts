import { describe, expect, test } from 'vitest';
import { REMOTE_FAILURE_KINDS, remoteFailed } from './remote-error.js';
import { readErrorAnswer } from './remote-error-answer.js';
import { cleanText, readErrorText } from './remote-error-text.js';

const SAID = { kind: 'validation', step: 'submit', provider: 'fal-ai' } as const;

describe('remoteFailed', () => {
  test('says what happened, what the service said, and what to do', () => {
    const error = remoteFailed({ ...SAID, status: 422, said: 'no such size', requestId: 'r-1' });
    expect(error.message).toBe(
      `fal-ai answered 422 to the request: "no such size". ${REMOTE_FAILURE_KINDS.validation.advice}`,
    );
    expect(error.toJSON()).toEqual({
      code: 'remote-failed',
      phase: 'hosted',
      message: error.message,
      retryable: false,
      details: { kind: 'validation', step: 'submit', provider: 'fal-ai', status: 422, requestId: 'r-1' },
    });
  });

  test('quotes at most 200 characters', () => {
    const { message } = remoteFailed({ ...SAID, said: 'long words '.repeat(100) });
    expect(/"(.*)"/.exec(message)?.[1]).toHaveLength(200);
    const half = remoteFailed({ ...SAID, said: `${'x '.repeat(99)}\u{1f600}\u{1f600}` });
    expect(() => encodeURIComponent(half.message)).not.toThrow();
  });

  test('says nothing in place of a service that says nothing', () => {
    expect(remoteFailed({ ...SAID, status: 400 }).message).toMatch(/^fal-ai answered 400 to the request\. Check/);
    expect(remoteFailed({ ...SAID, what: 'ended the job' }).message).toMatch(/^fal-ai ended the job\. Check/);
  });

  test('cleans what happened too, but for short prompts, which may be words of ours', () => {
    const what = 'ended the job without a picture (paint a large frog)';
    const said = (secret: string): string => remoteFailed({ ...SAID, what }, [secret]).message;
    expect(said('paint a large frog')).toMatch(/^fal-ai ended the job without a picture \(\[\.\.\.\]\)\. /);
    expect(said('a')).toMatch(/^fal-ai ended the job without a picture \(/);
  });

  test('cleans the cause and the request id too', () => {
    const error = remoteFailed({ ...SAID, cause: 'TypeError: Bearer hf_abcdef is bad', requestId: 'a frog' }, [
      'a frog',
    ]);
    expect(error.cause).toBe('TypeError: Bearer [...] is bad');
    expect(error.details.requestId).toBe('[...]');
  });
});

describe('cleanText', () => {
  const base64 = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 89) % 251)).toString('base64');

  test.each([
    ['a token of Hugging Face', 'token hf_AbCdEfGh is bad', 'token [...] is bad'],
    ['a header', 'got Authorization: Bearer abc123def456 there', 'got Authorization: Bearer [...] there'],
    ["a key of fal's", '5d41402a-bc4b-2a76-b971-9d911017c592:aaf4c61ddc3b8bb00 no', '[...] no'],
    ['a key of Replicate', 'r8_Qwertz12', '[...]'],
    ['a JSON web token', 'eyJhbGciOi.eyJzdWIiOiIx.SflKxwRJSM bad', '[...] bad'],
    ['a long word of letters and digits', 'key 0a1b2c3d4e5f60718293a4b5 no', 'key [...] no'],
    ['base64', `inputs ${base64} no`, 'inputs [...] no'],
    ['base64 in lines', `inputs ${base64.replace(/.{76}/g, '$&\n')}`, 'inputs [...]'],
    ['base64 with escapes', `x ${base64.replaceAll('/', '\\/').replaceAll('+', '\\/')}`, 'x [...]'],
    ['a data URL', 'the url data:image/png;base64,AAAA is bad', 'the url [...] is bad'],
    ['what an address asks', 'get https://a.example/x.png?sig=1&t=2 now', 'get https://a.example/x.png?[...] now'],
    ['who an address names', 'get https://me:pw@a.example/x now', 'get https://[...]@a.example/x now'],
  ])('takes out %s', (_what, text, expected) => {
    expect(cleanText(text, [])).toBe(expected);
  });

  test.each([
    'Invalid token provided, expected a key',
    'model stabilityai/stable-diffusion-xl-refiner-1.0 is not supported by provider hf-inference',
    'guidance_scale must be between 1 and 20',
    'see https://huggingface.co/docs/inference-providers',
  ])('leaves "%s" as it is', (text) => {
    expect(cleanText(text, [])).toBe(text);
  });

  test.each([
    ['whole', 'cat', 'no cat here', 'no [...] here'],
    ['not within other words', 'cat', 'category', 'category'],
    ['in scripts without spaces', '猫', '黒猫です', '黒[...]です'],
    ['in another case', 'Paint my House', 'prompt paint my house refused', 'prompt [...] refused'],
    [
      'cut short',
      'paint my house in the colours of the sea',
      'prompt "paint my house in th" refused',
      'prompt "[...]" refused',
    ],
    ['with line breaks', 'paint my\nhouse', 'prompt paint my house', 'prompt [...]'],
    ['escaped', 'say "hello there"', String.raw`prompt say \"hello there\" no`, 'prompt [...] no'],
    ['with signs', 'c++ (x)?', 'no c++ (x)? here', 'no [...] here'],
  ])('takes out a prompt: %s', (_how, prompt, text, expected) => {
    expect(cleanText(text, [prompt])).toBe(expected);
  });

  test('an empty prompt takes out nothing, and a huge text costs little', () => {
    expect(cleanText('as it is', ['', '  '])).toBe('as it is');
    expect(cleanText('x '.repeat(1_000_000), ['y'.repeat(100_000)]).length).toBeLessThan(5000);
  });
});

describe('readErrorText', () => {
  test.each([
    ['{"error": "a"}', 'a'],
    ['{"error": {"message": "a", "type": "b"}}', 'a'],
    ['{"error": ["a", "b"], "warnings": ["c"]}', 'a; b'],
    ['{"error": {"error": {"error": {"error": {"error": {}}, "detail": ["too deep"]}}}}', ''],
    ['{"detail": "a", "error_type": "request_timeout"}', 'a (request_timeout)'],
    ['{"detail": [{"loc": ["body", "x", 0], "msg": "a", "type": "t", "input": "secret"}]}', 'x.0: a'],
    ['{"title": "Invalid", "detail": "a", "status": 422}', 'a'],
    ['{"code": 401, "message": "a"}', 'a'],
    ['{"unknown": "a"}', ''],
    ['"a"', 'a'],
    ['plain words', 'plain words'],
    ['', ''],
    ['null', ''],
    ['<!DOCTYPE html><html><head><title>Log in </title></head>', 'Log in'],
    ['<html><body>no title</body></html>', ''],
  ])('%s', (body, expected) => {
    expect(readErrorText(body)).toBe(expected);
  });
});

describe('readErrorAnswer', () => {
  const read = (status: number, body: string, headers: Record<string, string> = {}) =>
    readErrorAnswer(status, new Headers(headers), new TextEncoder().encode(body), 0);

  test('a 503 is a loading model only where it says so', () => {
    expect(read(503, '{"error": "x", "estimated_time": 20.5}')).toMatchObject({
      kind: 'model-loading',
      estimatedMs: 20_500,
    });
    expect(read(503, '{"error": "Model is loading"}').kind).toBe('model-loading');
    expect(read(503, '{"error": "overloading"}').kind).toBe('provider-error');
    expect(read(503, '').kind).toBe('provider-error');
  });

  test.each(['"20"', '-1', 'null', '1e999'])('an estimate of %s is none', (estimate) => {
    expect(read(503, `{"error": "x", "estimated_time": ${estimate}}`).estimatedMs).toBeUndefined();
  });

  test('the id of the request and the wish for a pause are in the headers', () => {
    expect(read(429, '', { 'x-request-id': 'a', 'retry-after': '3' })).toMatchObject({ requestId: 'a', askedMs: 3000 });
    expect(read(429, '', { 'x-fal-request-id': 'b' }).requestId).toBe('b');
    expect(read(429, '')).toMatchObject({ requestId: undefined, askedMs: undefined });
  });
});
