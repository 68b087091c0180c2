import { expect, test } from 'vitest';
import { type ErrorDetails, ImageToImageError } from '../../src/contract/errors.js';
import { firstSentence, serviceFailure } from './service-failures.js';

function remoteFailed(details: ErrorDetails): ImageToImageError {
  return new ImageToImageError({ code: 'remote-failed', phase: 'hosted', message: 'It failed.', details });
}

test('a failure of a service has words of this page; kinds that are not known are plain failures', () => {
  expect(serviceFailure(remoteFailed({ kind: 'payment' }))).toMatchObject({
    title: 'The account has no credit left',
    retryable: false,
  });
  for (const kind of ['new', 'constructor', 'provider-error']) {
    expect(serviceFailure(remoteFailed({ kind }))?.title).toBe('The service failed');
  }
});

test('a deadline of a service is not one of the page', () => {
  const late = { code: 'deadline-exceeded', message: 'It was late.' } as const;
  expect(serviceFailure(new ImageToImageError({ ...late, phase: 'hosted' }))?.title).toBe('The service took too long');
  expect(serviceFailure(new ImageToImageError({ ...late, phase: 'run' }))).toBeUndefined();
});

test('a service is quoted whole, and hosts are no ends of sentences', () => {
  const quoting = 'fal-ai answered 402 to the request: "No credit. Add some.". Add credit, or name billTo.';
  expect(firstSentence(quoting)).toBe('fal-ai answered 402 to the request: "No credit. Add some."');
  const plain = 'router.huggingface.co failed at the request. Check the network and the "address".';
  expect(firstSentence(plain)).toBe('router.huggingface.co failed at the request.');
  expect(firstSentence('No end')).toBe('No end');
});
