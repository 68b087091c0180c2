import { expect, test } from 'vitest';
import type { Section } from './section.js';
import { markdownTable, terminalTable } from './table.js';

const SECTION: Section = {
  letter: 'z',
  title: 'Two answers',
  notes: ['First note.'],
  columns: ['px', 'ratio'],
  rows: [['256', 'a|b']],
  more: [{ notes: ['Second note.'], columns: ['MiB'], rows: [['7']] }],
  measures: {},
};

test('each table of a section follows its own notes', () => {
  expect(markdownTable(SECTION)).toBe(
    [
      '## z. Two answers',
      'First note.',
      '| px | ratio |\n| --- | --- |\n| 256 | a\\|b |',
      'Second note.',
      '| MiB |\n| --- |\n| 7 |',
    ].join('\n\n'),
  );
  expect(terminalTable(SECTION)).toBe(
    '\nz. Two answers\n   First note.\n\npx   ratio\n256  a|b  \n\n   Second note.\n\nMiB\n7  \n',
  );
});
