import { expect, test } from 'vitest';
import type { Mode } from '../options.js';
import { decide } from './decide.js';

const MODES: readonly Mode[] = ['local-only', 'local-first', 'remote-first', 'remote-only'];

test('every answer there is', () => {
  const answers = MODES.flatMap((mode) =>
    [false, true].flatMap((hostedAsked) =>
      [false, true].map((inPageAsked) => {
        const { where, reason } = decide({ mode, hostedAsked, inPageAsked });
        return `${mode}${hostedAsked ? ' hosted' : ''}${inPageAsked ? ' in-page' : ''}: ${where}, ${reason}`;
      }),
    ),
  );
  expect(answers).toEqual([
    'local-only: in-page, in-page-default',
    'local-only in-page: in-page, in-page-asked',
    'local-only hosted: refused, mode-forbids-hosted',
    'local-only hosted in-page: refused, mode-forbids-hosted',
    'local-first: in-page, in-page-default',
    'local-first in-page: in-page, in-page-asked',
    'local-first hosted: refused, hosted-not-built',
    'local-first hosted in-page: refused, hosted-not-built',
    'remote-first: in-page, in-page-default',
    'remote-first in-page: in-page, in-page-asked',
    'remote-first hosted: refused, hosted-not-built',
    'remote-first hosted in-page: refused, hosted-not-built',
    'remote-only: refused, hosted-not-built',
    'remote-only in-page: refused, hosted-not-built',
    'remote-only hosted: refused, hosted-not-built',
    'remote-only hosted in-page: refused, hosted-not-built',
  ]);
});
