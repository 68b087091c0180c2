import { expect, test } from 'vitest';
import { DECISION_REASONS } from '../contract/report.js';
import type { Mode } from '../options.js';
import { decide } from './decide.js';

const MODES: readonly Mode[] = ['local-only', 'local-first', 'remote-first', 'remote-only'];

test('every answer there is', () => {
  const answers = MODES.flatMap((mode) =>
    [false, true].flatMap((hostedAsked) =>
      [false, true].map((inPageAsked) => {
        const { where, reason, otherwise } = decide({ mode, hostedAsked, inPageAsked });
        return `${mode}${hostedAsked ? ' hosted' : ''}${inPageAsked ? ' in-page' : ''}: ${where}, ${reason}, else ${otherwise}`;
      }),
    ),
  );
  expect(answers).toEqual([
    'local-only: in-page, in-page-default, else nowhere',
    'local-only in-page: in-page, in-page-asked, else nowhere',
    'local-only hosted: refused, mode-forbids-hosted, else nowhere',
    'local-only hosted in-page: refused, mode-forbids-hosted, else nowhere',
    'local-first: in-page, in-page-first, else hosted',
    'local-first in-page: in-page, in-page-asked, else nowhere',
    'local-first hosted: hosted, hosted-asked, else nowhere',
    'local-first hosted in-page: hosted, hosted-asked, else nowhere',
    'remote-first: hosted, hosted-first, else in-page',
    'remote-first in-page: in-page, in-page-asked, else nowhere',
    'remote-first hosted: hosted, hosted-asked, else in-page',
    'remote-first hosted in-page: hosted, hosted-asked, else in-page',
    'remote-only: hosted, hosted-only, else nowhere',
    'remote-only in-page: refused, mode-forbids-in-page, else nowhere',
    'remote-only hosted: hosted, hosted-asked, else nowhere',
    'remote-only hosted in-page: hosted, hosted-asked, else nowhere',
  ]);
  // Every reason that a report can hold is given here, and has its words.
  const given = answers.map((answer) => answer.split(', ')[1]);
  expect([...new Set(given)].sort()).toEqual(Object.keys(DECISION_REASONS).sort());
});
