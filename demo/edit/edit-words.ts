import type { Report } from 'tintype';
import { counted } from '../words.js';

const LONGEST_SLUG = 40;

/** The prompt in quotes, cut where it is longer than `most` characters. */
export function quoted(prompt: string, most = Number.POSITIVE_INFINITY): string {
  const short = prompt.length > most ? `${prompt.slice(0, most - 1).trimEnd()}…` : prompt;
  return `“${short}”`;
}

/** `“add snow” · 8 steps · guidance 1.5 · seed 42`, with the numbers that were used. */
export function editInWords(prompt: string, { steps, parameters = {} }: Report): string {
  const { guidance_scale: guidance, image_guidance_scale: imageGuidance, strength, seed } = parameters;
  const facts = [
    quoted(prompt),
    ...(steps === undefined ? [] : [counted(steps, 'step')]),
    // At 1 each of these is as if it were not there.
    ...(guidance === undefined || guidance === 1 ? [] : [`guidance ${guidance}`]),
    ...(imageGuidance === undefined || imageGuidance === 1 ? [] : [`image guidance ${imageGuidance}`]),
    ...(strength === undefined || strength === 1 ? [] : [`strength ${strength}`]),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
  ];
  return facts.join(' · ');
}

/** What the file's name gains: "add-snow-42". */
export function fileSuffix(prompt: string, { parameters }: Report): string {
  const slug = prompt
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .slice(0, LONGEST_SLUG)
    .replace(/^-+|-+$/g, '');
  return [slug || 'edited', ...(parameters?.seed === undefined ? [] : [parameters.seed])].join('-');
}
