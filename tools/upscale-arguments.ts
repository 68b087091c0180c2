import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import type { OutputType, Report } from 'tintype';
import type { UpscaleRequest } from './upscale-page/main.js';

/** A command line that cannot be followed. The message says what to write instead. */
export class UsageError extends Error {}

export const USAGE = 'Usage: npm run upscale -- in.jpg out.png [--model id] [--width W --height H]';

const OUTPUT_TYPES: Readonly<Record<string, OutputType>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

/** What the command line asks for. */
export interface UpscaleCommand extends UpscaleRequest {
  readonly inputPath: string;
  readonly outputPath: string;
}

/**
 * Reads the command line. The output type follows from the output file's extension.
 * @throws UsageError
 */
export function parseUpscaleArguments(args: readonly string[]): UpscaleCommand {
  const { values, positionals } = parse(args);
  const [inputPath, outputPath, ...rest] = positionals;
  if (inputPath === undefined || outputPath === undefined || rest.length > 0) {
    throw new UsageError(`Give one input and one output file; got ${positionals.length} names.`);
  }
  const type = OUTPUT_TYPES[extname(outputPath).toLowerCase()];
  if (type === undefined) {
    throw new UsageError(
      `${outputPath}: the output's extension must be one of ${Object.keys(OUTPUT_TYPES).join(', ')}.`,
    );
  }
  return { inputPath, outputPath, type, model: values.model, targetSize: targetSize(values.width, values.height) };
}

/** A report as a person would say it. */
export function describeReport(report: Report, { inputPath, outputPath }: UpscaleCommand): string[] {
  const { input, output } = report;
  const from = input === undefined ? inputPath : `${inputPath} (${input.width} x ${input.height})`;
  const to =
    output === undefined
      ? outputPath
      : `${outputPath} (${output.width} x ${output.height}, ${output.type}, ${megabytes(output.sizeBytes)})`;
  const seconds = ((report.timingsMs.total ?? 0) / 1000).toFixed(1);
  return [
    `${from} -> ${to}`,
    `Ran ${report.where} with ${report.model} (${report.dtype}) on ${report.device}: ${counted(report.tiles, 'tile')}, ${counted(report.engines, 'engine')}, ${seconds} s.`,
    `Model bytes fetched: ${megabytes(report.bytes.down)}. Picture bytes sent anywhere: ${report.bytes.up}.`,
    ...report.warnings.map(({ code, message }) => `Note (${code}): ${message}`),
  ];
}

function counted(count: number | undefined, noun: string): string {
  return `${count ?? 0} ${noun}${count === 1 ? '' : 's'}`;
}

function parse(args: readonly string[]): {
  readonly values: { readonly model?: string; readonly width?: string; readonly height?: string };
  readonly positionals: readonly string[];
} {
  const text = { type: 'string' } as const;
  try {
    const options = { model: text, width: text, height: text };
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function targetSize(width: string | undefined, height: string | undefined): UpscaleRequest['targetSize'] {
  if (width === undefined && height === undefined) return undefined;
  if (width === undefined || height === undefined) throw new UsageError('Give --width and --height together.');
  return { width: pixels('--width', width), height: pixels('--height', height) };
}

function pixels(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`${name} must be a whole number of pixels, not "${text}".`);
  return Number(text);
}

function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(2)} MB`;
}
