import type { Report } from 'tintype';
import { failureTitle } from '../failure-titles.js';
import { bytesInWords, counted, deviceInWords, lowered, spanInWords } from '../words.js';
import { providerName } from './provider-words.js';
import type { Sent } from './traffic.js';

/** Where a call ran and what left the page, in one plain sentence or two. */
export function whereItRan(report: Report, sent: Sent): string {
  return report.where === 'hosted' ? atService(report, sent) : inPage(report, sent);
}

function inPage(report: Report, sent: Sent): string {
  const facts = [
    `Ran in this page on the ${deviceInWords(report.device ?? 'wasm')}`,
    ...(report.engines === undefined ? [] : [counted(report.engines, 'engine')]),
    ...(report.tiles === undefined ? [] : [counted(report.tiles, 'tile')]),
    ...(report.steps === undefined ? [] : [counted(report.steps, 'step')]),
    ...(report.timingsMs.total === undefined ? [] : [spanInWords(report.timingsMs.total)]),
  ];
  const fetched = report.bytes.down > 0 ? ` Fetched ${bytesInWords(report.bytes.down)} of model.` : '';
  // Of requests that failed the report has no bytes.
  return `${facts.join(', ')}${insteadOfService(report)}. ${bytesInWords(sent.bytes)} of your picture were uploaded.${fetched}`;
}

function insteadOfService({ fallback }: Report): string {
  if (fallback === undefined) return '';
  return fallback.code === 'consent-required' ? ', for you kept the picture here' : ', for the service failed';
}

function atService({ hosted, fallback, timingsMs, bytes }: Report, sent: Sent): string {
  const maker = hosted === undefined || hosted.provider === 'endpoint' ? 'the service' : providerName(hosted.provider);
  const facts = [
    `Made by ${maker}, sent to ${sent.hosts.join(', ')}`,
    ...(hosted !== undefined && hosted.attempts > 1 ? [`in ${counted(hosted.attempts, 'attempt')}`] : []),
    ...(timingsMs.total === undefined ? [] : [spanInWords(timingsMs.total)]),
  ];
  const title = fallback && failureTitle(fallback.code);
  const why = title === undefined ? '' : ` The page could not do it: ${lowered(title)}.`;
  return `${facts.join(', ')}. ${bytesInWords(sent.bytes)} left this page, ${bytesInWords(bytes.down)} came back.${why}`;
}
