import type { Section, Table } from './section.js';

/** A section for the terminal: padded columns under its title. */
export function terminalTable({ letter, title, more = [], ...first }: Section): string {
  return [`\n${letter}. ${title}`, ...[first, ...more].map(terminalPart)].join('\n');
}

function terminalPart({ notes, columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const padded = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return [...notes.map((note) => `   ${note}`), '', ...padded, ''].join('\n');
}

/** The same section in Markdown. */
export function markdownTable({ letter, title, more = [], ...first }: Section): string {
  return [`## ${letter}. ${title}`, ...[first, ...more].map(markdownPart)].join('\n\n');
}

function markdownPart({ notes, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [...notes, [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')].join('\n\n');
}
