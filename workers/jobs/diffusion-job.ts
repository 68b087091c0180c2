import type { Stage } from '../../src/contract/manifest.js';
import type { Picture } from '../../src/contract/picture.js';
import type { ProgressPhase } from '../../src/contract/progress.js';
import type { Warning } from '../../src/contract/report.js';
import type { DiffusionJob, JobResult } from '../../src/contract/worker-apis.js';
import { guidanceRows } from '../../src/core/diffusion/guidance.js';
import { keepSource, opaqueCopy } from '../../src/core/diffusion/keep-source.js';
import { readMask } from '../../src/core/diffusion/mask.js';
import type { Floats } from '../../src/core/diffusion/networks.js';
import { planRowEngines } from '../../src/core/diffusion/row-engines.js';
import { exceedsWorkPixels, planWorkSize } from '../../src/core/diffusion/work-size.js';
import { fillHiddenColours, hasTransparency } from '../../src/core/image/alpha.js';
import { runDiffusion } from '../../src/core/pipelines/diffusion.js';
import type { OutputSurface } from '../codec.js';
import type { PromptTokenizer } from '../prompt-tokenizer.js';
import { resizeTo, type Size, sameSize } from './finish-picture.js';
import { createGraphs } from './graphs.js';
import type { JobContext } from './job-context.js';
import { startStopwatch } from './stopwatch.js';

/** What a model's calls share. */
export interface PromptMemory {
  readonly tokenizer: PromptTokenizer;
  /** Embeddings of earlier prompts by token ids, by the key of the text encoder that made them. */
  readonly embeddings: Map<string, Map<string, Floats>>;
}

/** Prompts whose embeddings are kept per text encoder; those of Stable Diffusion take a quarter of a megabyte each. */
const KEPT_PROMPTS = 16;

const PHASES: Readonly<Record<Stage, ProgressPhase & keyof JobResult['timingsMs']>> = {
  text_encoder: 'text-encoder',
  vae_encoder: 'vae-encoder',
  unet: 'denoise',
  vae_decoder: 'vae-decoder',
};

/** One picture through a diffusion model, from file to file. */
export async function runDiffusionJob(
  job: DiffusionJob,
  context: JobContext,
  memory: PromptMemory,
): Promise<JobResult> {
  const { codec } = context;
  const clock = startStopwatch();
  context.progress({ phase: 'decode', done: 0, total: 1, unit: 'steps' });
  const decoded = await codec.decode(job.picture, job.maxInputPixels);
  const input = { width: decoded.picture.width, height: decoded.picture.height };
  const finalSize = job.targetSize ?? input;
  const { sizeMultiple, maxWorkPixels } = job.manifest;
  const workSize = planWorkSize(finalSize, { multiple: sizeMultiple, maxPixels: maxWorkPixels });
  const transparent = decoded.mayHaveAlpha && hasTransparency(decoded.picture.data);
  // Before any work: too large a result is known now.
  const surface = codec.createSurface(finalSize.width, finalSize.height, !transparent);
  try {
    const colours = transparent ? opaqueCopy(fillHiddenColours(decoded.picture)) : decoded.picture;
    const work = await resizeTo(context, colours, workSize);
    const mask = job.mask && (await codec.decode(job.mask, job.maxInputPixels)).picture;
    const decodeMs = clock.lap();
    const edited = await runModel({ job, context, memory, work, mask });
    clock.lap();
    const source = transparent || mask ? decoded.picture : undefined;
    await finish({ context, surface, edited: edited.picture, source, mask, finalSize });
    const resizeMs = clock.lap();
    context.progress({ phase: 'encode', done: 0, total: 1, unit: 'steps' });
    const exif = job.metadata === 'keep' ? decoded.exif : undefined;
    const { blob, warnings } = await surface.encode({ ...job.output, mayHaveAlpha: transparent, exif });
    context.throwIfCancelled();
    const shrunk = exceedsWorkPixels(finalSize, maxWorkPixels) ? [workSizeReduced(finalSize, workSize)] : [];
    return {
      blob,
      facts: {
        input: { ...input, type: decoded.type },
        output: { ...finalSize, type: blob.type, sizeBytes: blob.size },
        engines: edited.engines,
        steps: edited.steps,
        workSize,
      },
      warnings: [...decoded.warnings, ...edited.warnings, ...shrunk, ...warnings],
      timingsMs: { decode: decodeMs, ...edited.timingsMs, resize: resizeMs, encode: clock.lap() },
      macs: edited.macs,
      macsPerSecond: edited.macsPerSecond,
    };
  } finally {
    surface.close();
  }
}

interface ModelRun extends Pick<JobResult, 'warnings' | 'timingsMs' | 'macs' | 'macsPerSecond'> {
  readonly picture: Picture;
  readonly steps: number;
  readonly engines: number;
}

async function runModel(options: {
  readonly job: DiffusionJob;
  readonly context: JobContext;
  readonly memory: PromptMemory;
  readonly work: Picture;
  readonly mask: Picture | undefined;
}): Promise<ModelRun> {
  const { job, context, memory, work } = options;
  const { manifest } = job;
  const warnings: Warning[] = [];
  const timingsMs: Partial<Record<ProgressPhase, number>> = {};
  let steps = 0;
  let stepsBegan = 0;
  const prompt = tokenize(memory.tokenizer, 'prompt', job.prompt, warnings);
  const rows = guidanceRows(manifest, job.settings).length;
  // Without a row for it, its end has no less effect than the rest.
  const negative = tokenize(memory.tokenizer, 'negative_prompt', job.negativePrompt, rows > 1 ? warnings : []);
  const mask = options.mask && (await resizeTo(context, options.mask, work));
  const amount = { pixels: work.width * work.height, rows, steps: job.settings.steps };
  const unetEngines = job.rows === 'batch' ? 1 : planRowEngines(manifest, amount, job.engines);
  const graphs = createGraphs(job, context, { unetEngines, warnings });
  const began = new Map<Stage, number>();
  const embeddings = memory.embeddings.get(job.graphs.text_encoder) ?? new Map<string, Floats>();
  memory.embeddings.set(job.graphs.text_encoder, embeddings);
  try {
    const picture = await runDiffusion({
      model: manifest,
      // As diffusers' pipelines do, whatever the scheduler's own default.
      settings: { ...job.settings, eta: 0 },
      picture: work,
      mask,
      tokens: { prompt, negative },
      rows: job.rows,
      embeddings,
      open: graphs.open,
      throwIfCancelled: context.throwIfCancelled,
      onStage: (stage, state) => {
        const now = performance.now();
        const phase = PHASES[stage];
        if (state === 'begun') began.set(stage, now);
        else timingsMs[phase] = now - (began.get(stage) ?? now);
        if (stage !== 'unet') context.progress({ phase, done: state === 'done' ? 1 : 0, total: 1, unit: 'steps' });
      },
      onStep: (done, total) => {
        steps = total;
        if (done === 0) stepsBegan = performance.now();
        const remainingMs = done > 0 ? ((performance.now() - stepsBegan) / done) * (total - done) : undefined;
        const event = { phase: 'denoise', done, total, unit: 'steps' } as const;
        context.progress(remainingMs === undefined ? event : { ...event, remainingMs });
      },
      onEncoderDraws: () => {
        if (warnings.some(({ code }) => code === 'encoder-draws')) return;
        const message =
          "The model's encoder draws random numbers by itself: the same seed gives pictures that differ a little.";
        warnings.push({ code: 'encoder-draws', name: 'seed', message });
      },
      onPreview: job.wantPreviews
        ? (step, preview) => postPreview(context, { step, total: steps }, preview)
        : undefined,
    });
    const macs = graphs.unetRows() * (manifest.unetMacsPerPixel ?? 0) * work.width * work.height;
    const seconds = (timingsMs.denoise ?? 0) / 1000;
    return {
      picture,
      steps,
      engines: unetEngines,
      warnings,
      timingsMs,
      macs,
      macsPerSecond: seconds > 0 ? macs / seconds / unetEngines : 0,
    };
  } finally {
    graphs.close();
    for (const key of [...embeddings.keys()].slice(0, -KEPT_PROMPTS)) embeddings.delete(key);
  }
}

/** Enlarges the edited picture to its final size and puts back what the edit must not touch. */
async function finish(options: {
  readonly context: JobContext;
  readonly surface: OutputSurface;
  readonly edited: Picture;
  readonly source: Picture | undefined;
  readonly mask: Picture | undefined;
  readonly finalSize: Size;
}): Promise<void> {
  const { context, surface, edited, source, mask, finalSize } = options;
  if (!sameSize(edited, finalSize)) context.progress({ phase: 'resize', done: 0, total: 1, unit: 'steps' });
  const whole = await resizeTo(context, edited, finalSize);
  if (source) {
    const finalMask = mask && readMask(await resizeTo(context, mask, finalSize));
    keepSource(whole, await resizeTo(context, source, finalSize), finalMask);
  }
  writeWhole(surface, whole);
}

function writeWhole(surface: OutputSurface, { width, height, data }: Picture): void {
  surface.write({ data, dataWidth: width, fromX: 0, fromY: 0, x: 0, y: 0, width, height });
}

function postPreview(
  context: JobContext,
  at: { readonly step: number; readonly total: number },
  { width, height, data }: Picture,
): void {
  if (context.isCancelled) return;
  const pixels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  context.post({ type: 'preview', preview: { ...at, width, height, data: pixels } }, [pixels.buffer]);
}

function tokenize(
  tokenizer: PromptTokenizer,
  name: 'prompt' | 'negative_prompt',
  text: string,
  warnings: Warning[],
): readonly number[] {
  const { ids, removed } = tokenizer.tokenize(text);
  if (removed !== '') {
    const message = `${name} has more tokens than the model's ${ids.length}; this had no effect: ${removed}`;
    warnings.push({ code: 'prompt-cut', name, message });
  }
  return ids;
}

function workSizeReduced(wished: Size, work: Size): Warning {
  return {
    code: 'work-size-reduced',
    message: `The model worked at ${work.width} x ${work.height} pixels; its result was enlarged to ${wished.width} x ${wished.height}.`,
  };
}
