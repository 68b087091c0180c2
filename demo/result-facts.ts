import { measuredInWords } from './device-words.js';
import { providerName } from './hosting/provider-words.js';
import type { FinishedRun } from './mode.js';
import { bytesInWords, deviceInWords, sizeInWords, spanInWords, typeInWords } from './words.js';

/** Options of the page that a visitor knows nothing of; for a service they mean nothing. */
const PAGE_OPTIONS: readonly (string | undefined)[] = ['device', 'dtype', 'onTile', 'onPreview'];

/** Name and value of all that is known of a run; undefined for what did not happen. */
export function resultFacts({
  report,
  sent,
  size,
  blob,
}: Pick<FinishedRun, 'report' | 'sent' | 'size' | 'blob'>): readonly (readonly [string, string | undefined])[] {
  const { where, hosted, model, device, dtype, engines, tiles, steps, workSize, input, timingsMs, bytes } = report;
  const span = (ms: number | undefined) => (ms === undefined ? undefined : spanInWords(ms));
  const isHosted = where === 'hosted';
  return [
    ['Sent to', sent.hosts.length === 0 ? undefined : sent.hosts.join(', ')],
    ['Made by', isHosted && hosted ? makerOf(hosted.provider) : undefined],
    ['Attempts', hosted?.attempts.toString()],
    ['Model', isHosted ? hosted?.model || undefined : dtype === undefined ? model : `${model} (${dtype})`],
    ['Device', isHosted ? undefined : device && deviceInWords(device)],
    ['Processor, timed', measuredInWords(report, 'wasm')],
    ['Graphics, timed', measuredInWords(report, 'webgpu')],
    ['Engines', engines?.toString()],
    ['Tiles', tiles?.toString()],
    ['Steps', steps?.toString()],
    ['Worked at', workSize && sizeInWords(workSize)],
    ['Picture', input && `${sizeInWords(input)}, ${typeInWords(input.type)}`],
    ['Result', `${sizeInWords(size)}, ${typeInWords(blob.type)}`],
    ['Comparing devices', span(timingsMs.measure)],
    ['Loading', span(timingsMs.load)],
    ['Reading', span(timingsMs.decode)],
    ['Tiles took', span(timingsMs.tiles)],
    ['Prompt took', span(timingsMs['text-encoder'])],
    ['Encoding took', span(timingsMs['vae-encoder'])],
    ['Steps took', span(timingsMs.denoise)],
    ['Decoding took', span(timingsMs['vae-decoder'])],
    ['Resizing', timingsMs.resize ? span(timingsMs.resize) : undefined],
    ['Writing', span(timingsMs.encode)],
    ['In all', span(timingsMs.total)],
    ['Fetched', bytesInWords(bytes.down)],
    ['Uploaded', bytesInWords(sent.bytes)],
  ];
}

function makerOf(provider: string): string {
  return provider === 'endpoint' ? 'what answers there' : providerName(provider);
}

/** What a visitor should know of a result. */
export function resultWarnings({
  report,
  plan,
  blob,
}: Pick<FinishedRun, 'report' | 'plan' | 'blob'>): readonly string[] {
  return report.warnings.flatMap(({ code, name, message }) => {
    if (code !== 'option-ignored') return [message];
    if (PAGE_OPTIONS.includes(name)) return [];
    if (name !== 'output') return [message];
    const { type } = plan.output;
    return blob.type === type
      ? []
      : [`The service wrote a ${typeInWords(blob.type)}; “Save as ${typeInWords(type)}” is for results of this page.`];
  });
}
