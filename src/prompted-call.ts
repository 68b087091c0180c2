// Fetched with the first call of a prompted model: most pages never make one.
import { type DiffusionAssets, type DiffusionOrder, loadDiffusion, runDiffusion } from './bridge/diffusion-runs.js';
import type { CallListeners } from './bridge/lifetime.js';
import { type CallContext, type CallKind, closePictures, outputOf } from './call.js';
import type { Device, DiffusionManifest, DiffusionVariant, Stage } from './contract/manifest.js';
import type { Warning } from './contract/report.js';
import { checkInputSize } from './core/image/size-limits.js';
import type { DeviceChoice } from './devices.js';
import { assetOf, keysOf } from './model-assets.js';
import { joinNegative } from './negative-prompt.js';
import type { CallOptions, ImageToImageOptions } from './options.js';
import { toTransferable } from './picture-input.js';
import { estimatePrompted } from './prompted-estimate.js';
import { checkPrompt, namedSettings, resolveSettings, withoutEffect } from './prompted-settings.js';

/** Weights up to this size stay open together; larger graphs take turns, for a WASM heap never shrinks. */
const RESIDENT_BYTES = 256 * 2 ** 20;

/** A model with more bytes than this is hopeless on a CPU. */
const WEBGPU_BYTES = 64 * 2 ** 20;

type Residency = DiffusionOrder['residency'];

const NO_PREVIEWS: Warning = {
  code: 'option-ignored',
  name: 'onPreview',
  message:
    "onPreview had no effect: the model's networks take turns (residency), so its decoder is not there while it runs.",
};

/** Calls of diffusion models. */
export const promptedCalls: CallKind<DiffusionManifest> = {
  async run({ manifest, args, options, context, draft, listeners }) {
    checkPrompt(manifest, args.parameters);
    const settings = resolveSettings(manifest, args.parameters);
    draft.warn(...withoutEffect(manifest, args.parameters, settings, options));
    const choice = await choosePrompted(manifest, options, context);
    const { device, variant } = choice;
    draft.chosen(choice, variant.dtype);
    draft.set(namedSettings(manifest, settings));
    const picture = await toTransferable(args.inputs);
    const takesMask = manifest.honours.includes('mask_image');
    const maskInput = takesMask ? args.parameters?.mask_image : undefined;
    let mask: Blob | ImageBitmap | undefined;
    try {
      mask = maskInput === undefined ? undefined : await toTransferable(maskInput, 'parameters.mask_image');
      draft.started();
      const residency = residencyOf(variant, options);
      if (residency === 'sequential' && options.onPreview) draft.warn(NO_PREVIEWS);
      const assets = assetsOf(manifest, variant);
      const job: DiffusionOrder = {
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
        mostEngines: mostEngines(device, residency, context),
        rows: batchesRows(device, residency) ? 'batch' : 'loop',
        wantPreviews: options.onPreview !== undefined && residency === 'resident',
      };
      const heard = rememberFailure(listeners, manifest, context);
      const result = await context.using(allKeys(assets), () => runDiffusion(context.workshop, job, heard));
      if (result.macsPerSecond > 0 && !heard.hasChanged)
        context.speeds.set(speedKey(device, manifest), result.macsPerSecond);
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
    await context.using(allKeys(assets), () =>
      loadDiffusion(context.workshop, job, rememberFailure(listeners, manifest, context)),
    );
  },

  async estimate({ manifest, args, options, context, size }) {
    const settings = resolveSettings(manifest, args.parameters);
    checkInputSize(size.width, size.height, context.maxInputPixels);
    const { device, variant } = await choosePrompted(manifest, options, context);
    const residency = residencyOf(variant, options);
    const files = allAssets(assetsOf(manifest, variant));
    const stored = await context.workshop.stored(files.map(({ key }) => key));
    return estimatePrompted({
      manifest,
      settings,
      size,
      target: args.parameters?.target_size,
      dtype: variant.dtype,
      graphBytes: Object.values(variant.files).map(graphBytes),
      residency,
      batchesRows: batchesRows(device, residency),
      engines: { most: mostEngines(device, residency, context), ...context.workshop.started(device) },
      downloadBytes: files.reduce((sum, { sizeBytes }, at) => sum + (stored[at] ? 0 : sizeBytes), 0),
      macsPerSecond: context.speeds.get(speedKey(device, manifest)),
    });
  },
};

/** The listeners, with a device that fails kept in mind. */
function rememberFailure(
  listeners: CallListeners,
  manifest: DiffusionManifest,
  { devices }: CallContext,
): CallListeners & { readonly hasChanged: boolean } {
  let hasChanged = false;
  return {
    ...listeners,
    get hasChanged() {
      return hasChanged;
    },
    onDeviceChanged: (error) => {
      hasChanged = true;
      devices.failedBySize(manifest);
      listeners.onDeviceChanged(error);
    },
  };
}

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
): Residency {
  if (residency !== 'auto') return residency;
  return variantBytes(variant) <= RESIDENT_BYTES ? 'resident' : 'sequential';
}

/** On WASM rows in a batch take their memory together and no less time; engines side by side do better. */
function batchesRows(device: Device, residency: Residency): boolean {
  return device === 'webgpu' && residency === 'resident';
}

/** Each engine has graphs of its own: only where they are small may there be several. */
function mostEngines(device: Device, residency: Residency, { maxEngines }: CallContext): number {
  return device === 'wasm' && residency === 'resident' ? maxEngines : 1;
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
