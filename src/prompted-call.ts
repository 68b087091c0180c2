// Fetched with the first call of a prompted model: most pages never make one.
import type { DiffusionAssets, WorkshopDiffusionJob } from './bridge/workshop.js';
import { type CallContext, type CallKind, closePictures, outputOf } from './call.js';
import type { Device, DiffusionManifest, DiffusionVariant, Stage } from './contract/manifest.js';
import { planWorkSize } from './core/diffusion/work-size.js';
import { checkInputSize, checkOutputSize } from './core/image/size-limits.js';
import { ASSUMED_MACS_PER_SECOND } from './core/workload.js';
import type { DeviceChoice } from './devices.js';
import { assetOf, keysOf } from './model-assets.js';
import type { CallOptions, ImageToImageOptions } from './options.js';
import { toTransferable } from './picture-input.js';
import { checkPrompt, resolveSettings, stepsToRun, withoutEffect } from './prompted-settings.js';

/** Weights up to this size stay open together; larger graphs take turns, for a WASM heap never shrinks. */
const RESIDENT_BYTES = 256 * 2 ** 20;

/** A model with more bytes than this is hopeless on a CPU. */
const WEBGPU_BYTES = 64 * 2 ** 20;

/** What onnxruntime-web takes over a graph's own bytes: int8 weights unfold to float32. */
const BYTES_PER_FILE_BYTE: Readonly<Record<DiffusionVariant['dtype'], number>> = {
  f32: 1,
  f16: 1,
  w8: 4,
  u8: 1,
  q4: 1,
  q4f16: 1,
};

/** One engine worker with onnxruntime-web's WASM started and an empty heap. */
const ENGINE_BYTES = 64 * 2 ** 20;

/** Calls of diffusion models. */
export const promptedCalls: CallKind<DiffusionManifest> = {
  async run({ manifest, args, options, context, draft, listeners }) {
    checkPrompt(manifest, args.parameters);
    const settings = resolveSettings(manifest, args.parameters);
    draft.warn(...withoutEffect(manifest, args.parameters, settings, options));
    const choice = await choosePrompted(manifest, options, context);
    const { device, variant } = choice;
    draft.chosen(choice, variant.dtype);
    draft.set(settings);
    const picture = await toTransferable(args.inputs);
    const takesMask = manifest.honours.includes('mask_image');
    const maskInput = takesMask ? args.parameters?.mask_image : undefined;
    let mask: Blob | ImageBitmap | undefined;
    try {
      mask = maskInput === undefined ? undefined : await toTransferable(maskInput);
      draft.started();
      const residency = residencyOf(variant, options);
      const assets = assetsOf(manifest, variant);
      const job: WorkshopDiffusionJob = {
        ...outputOf(args, options),
        picture,
        ...(mask === undefined ? {} : { mask }),
        manifest,
        assets,
        residency,
        device,
        mayChangeDevice: choice.mayChange,
        maxInputPixels: context.maxInputPixels,
        prompt: args.parameters?.prompt ?? '',
        negativePrompt: joinNegative(args.parameters?.negative_prompt),
        settings,
        rows: residency === 'resident' ? 'batch' : 'loop',
        wantPreviews: options.onPreview !== undefined && residency === 'resident',
      };
      const result = await context.using(allKeys(assets), () => context.workshop.runDiffusion(job, listeners));
      if (result.macsPerSecond > 0) context.speeds.set(speedKey(device, manifest), result.macsPerSecond);
      draft.ran(result);
      return result.blob;
    } finally {
      closePictures(picture, mask);
    }
  },

  async load({ manifest, options, context, listeners }) {
    const choice = await choosePrompted(manifest, options, context);
    const assets = assetsOf(manifest, choice.variant);
    const residency = residencyOf(choice.variant, options);
    const job = { manifest, assets, residency, device: choice.device, mayChangeDevice: choice.mayChange };
    await context.using(allKeys(assets), () => context.workshop.loadDiffusion(job, listeners));
  },

  async estimate({ manifest, args, options, context, size }) {
    checkPrompt(manifest, args.parameters);
    const settings = resolveSettings(manifest, args.parameters);
    const output = args.parameters?.target_size ?? size;
    checkInputSize(size.width, size.height, context.maxInputPixels);
    checkOutputSize(output.width, output.height);
    const { device, variant } = await choosePrompted(manifest, options, context);
    const assets = assetsOf(manifest, variant);
    const files = allAssets(assets);
    const stored = await context.workshop.stored(files.map(({ key }) => key));
    const work = planWorkSize(output, { multiple: manifest.sizeMultiple, maxPixels: manifest.maxWorkPixels });
    const residency = residencyOf(variant, options);
    const rows = rowsOf(manifest, settings);
    const steps = stepsToRun(manifest, settings);
    const workPixels = work.width * work.height;
    const speed = context.speeds.get(speedKey(device, manifest));
    const macs = (manifest.unetMacsPerPixel ?? Number.NaN) * workPixels * rows * steps;
    const graphs = Object.values(variant.files).map(graphBytes);
    const weights = residency === 'resident' ? graphs.reduce((sum, bytes) => sum + bytes, 0) : Math.max(...graphs);
    const activations =
      (manifest.unetActivationBytesPerPixel ?? 0) * workPixels * (residency === 'resident' ? rows : 1);
    const seconds = macs / (speed ?? ASSUMED_MACS_PER_SECOND);
    return {
      tiles: 1,
      engines: 1,
      steps,
      workSize: work,
      peakBytes: Math.round(
        ENGINE_BYTES +
          weights * BYTES_PER_FILE_BYTE[variant.dtype] +
          activations +
          4 * (size.width * size.height + output.width * output.height + 2 * workPixels),
      ),
      downloadBytes: files.reduce((sum, { sizeBytes }, at) => sum + (stored[at] ? 0 : sizeBytes), 0),
      ...(Number.isNaN(seconds) ? {} : { seconds }),
      basis: speed === undefined ? 'assumed' : 'measured',
      output: { width: output.width, height: output.height },
    };
  },
};

/** Every file of a model in the form that a call would take. */
export async function likelyPrompted(
  manifest: DiffusionManifest,
  options: CallOptions,
  context: CallContext,
): Promise<{ readonly keys: readonly string[]; readonly sizeBytes: number }> {
  const { variant } = await choosePrompted(manifest, options, context);
  const files = allAssets(assetsOf(manifest, variant));
  return { keys: files.map(({ key }) => key), sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
}

/** A list means the same as its items, trimmed, the empty ones dropped, joined with a comma. */
export function joinNegative(negative: string | readonly string[] | undefined): string {
  if (negative === undefined || typeof negative === 'string') return negative ?? '';
  return negative
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .join(', ');
}

function choosePrompted(
  manifest: DiffusionManifest,
  { device, dtype }: CallOptions,
  { devices }: CallContext,
): Promise<DeviceChoice<DiffusionVariant>> {
  return devices.chooseBySize({ manifest, device, dtype }, (variant) => variantBytes(variant) > WEBGPU_BYTES);
}

function residencyOf(
  variant: DiffusionVariant,
  { residency = 'auto' }: Pick<ImageToImageOptions, 'residency'>,
): 'sequential' | 'resident' {
  if (residency !== 'auto') return residency;
  return variantBytes(variant) <= RESIDENT_BYTES ? 'resident' : 'sequential';
}

function rowsOf({ family, unet }: DiffusionManifest, settings: WorkshopDiffusionJob['settings']): number {
  if (settings.guidanceScale <= 1 || unet.timeCondProjDim !== null) return 1;
  if (family !== 'instruct-pix2pix') return 2;
  return settings.imageGuidanceScale >= 1 ? 3 : 1;
}

function graphBytes(file: DiffusionVariant['files'][Stage]): number {
  return (file.externalData ?? []).reduce((sum, { sizeBytes }) => sum + sizeBytes, file.sizeBytes);
}

function variantBytes(variant: DiffusionVariant): number {
  return Object.values(variant.files).reduce((sum, file) => sum + graphBytes(file), 0);
}

function assetsOf(manifest: DiffusionManifest, { files }: DiffusionVariant): DiffusionAssets {
  const texts = Object.entries(manifest.tokenizer.files).map(([name, file]) => [name, assetOf(file)]);
  return {
    graphs: {
      text_encoder: assetOf(files.text_encoder),
      vae_encoder: assetOf(files.vae_encoder),
      unet: assetOf(files.unet),
      vae_decoder: assetOf(files.vae_decoder),
    },
    tokenizer: Object.fromEntries(texts),
  };
}

function allAssets({
  graphs,
  tokenizer,
}: DiffusionAssets): readonly { readonly key: string; readonly sizeBytes: number }[] {
  return [...Object.values(graphs), ...Object.values(tokenizer)].flatMap((asset) => [
    asset,
    ...(asset.externalData ?? []).map((beside) => beside.asset),
  ]);
}

function allKeys({ graphs, tokenizer }: DiffusionAssets): readonly string[] {
  return [...Object.values(graphs), ...Object.values(tokenizer)].flatMap(keysOf);
}

function speedKey(device: Device, { id }: DiffusionManifest): string {
  return `${device} ${id}`;
}
