import type { Section } from './section.js';

/** A section for the terminal: padded columns under its title. */
export function terminalTable({ letter, title, notes, columns, rows }: Section): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const padded = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return [`\n${letter}. ${title}`, ...notes.map((note) => `   ${note}`), '', ...padded].join('\n');
}

/** The same section in Markdown. */
export function markdownTable({ letter, title, notes, columns, rows }: Section): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `## ${letter}. ${title}`,
    ...notes,
    [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n'),
  ].join('\n\n');
}
