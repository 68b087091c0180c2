import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { PARAMETER_NAMES } from '../contract/parameters.js';
import { type Answerer, HOSTED_PARAMETERS } from './providers/parameters.js';

test('docs/hosted.md prints the table of parameters', async () => {
  const providers = Object.keys(HOSTED_PARAMETERS) as readonly Answerer[];
  const cell = (provider: Answerer, name: (typeof PARAMETER_NAMES)[number]): string => {
    const { support, sentAs } = HOSTED_PARAMETERS[provider][name];
    if (support === 'ignored') return 'no';
    return support === 'mapped' ? `as \`${sentAs}\`` : 'yes';
  };
  const table = [
    `| parameter | ${providers.map((provider) => (provider === 'endpoint' ? '`endpointUrl`' : `\`${provider}\``)).join(' | ')} |`,
    `| --- |${' --- |'.repeat(providers.length)}`,
    ...PARAMETER_NAMES.map((name) => `| \`${name}\` | ${providers.map((one) => cell(one, name)).join(' | ')} |`),
  ].join('\n');
  const page = await readFile(new URL('../../docs/hosted.md', import.meta.url), 'utf8');
  const printed = page.split('<!-- parameters -->')[1]?.trim();
  expect(printed).toBe(table);
});
