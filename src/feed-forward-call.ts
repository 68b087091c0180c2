import { loadFeedForward, runFeedForward } from './bridge/feed-forward-runs.js';
import { type CallContext, type CallKind, closePictures, outputOf } from './call.js';
import type { FeedForwardManifest, ModelVariant } from './contract/manifest.js';
import type { DeviceChoice, DeviceRequest } from './devices.js';
import { assetOf } from './model-assets.js';
import { chooseVariant } from './models.js';
import type { CallOptions, ImageToImageOptions } from './options.js';
import { toTransferable } from './picture-input.js';
import { promptedOnlyWarnings } from './validate.js';

type Options = CallOptions & Pick<ImageToImageOptions, 'tile'>;

/** Calls of models that are one graph over tiles. */
export const feedForwardCalls: CallKind<FeedForwardManifest> = {
  async run({ manifest, args, options, context, draft, listeners }) {
    draft.warn(...promptedOnlyWarnings(options));
    const request = deviceRequest(manifest, options, context);
    let hasChanged = false;
    const heard = {
      ...listeners,
      onDeviceChanged: (error: Parameters<typeof listeners.onDeviceChanged>[0]) => {
        hasChanged = true;
        void context.devices.failed(request);
        listeners.onDeviceChanged(error);
      },
    };
    const choice = await context.devices.choose(request, heard);
    const { device, variant } = choice;
    draft.chosen(choice, variant.dtype);
    const asset = assetOf(variant);
    const picture = await toTransferable(args.inputs);
    const maxTileSidePx = options.tile?.maxSidePx;
    try {
      draft.started();
      const job = {
        ...outputOf(args, options),
        picture,
        manifest,
        modelKey: asset.key,
        device,
        mayChangeDevice: choice.mayChange,
        maxInputPixels: context.maxInputPixels,
        mostEngines: context.maxEngines,
        ...(maxTileSidePx === undefined ? {} : { maxTileSidePx }),
        wantTiles: options.onTile !== undefined,
      };
      const result = await context.using([asset.key], () => runFeedForward(context.workshop, job, asset, heard));
      if (result.macsPerSecond > 0 && !hasChanged) context.speeds.set(device, result.macsPerSecond);
      draft.ran(result);
      return result.blob;
    } finally {
      closePictures(picture);
    }
  },

  async load({ manifest, options, context, listeners }) {
    const request = deviceRequest(manifest, options, context);
    const heard = { ...listeners, onDeviceChanged: () => void context.devices.failed(request) };
    const choice = await context.devices.choose(request, heard);
    const asset = assetOf(choice.variant);
    await context.using([asset.key], () => loadFeedForward(context.workshop, asset, choice, heard));
  },

  async estimate({ manifest, args, options, context, size }) {
    const { device, variant } = await likelyFeedForward(manifest, options, context);
    const [stored] = await context.workshop.stored([assetOf(variant).key]);
    const { estimateCall } = await import('./estimate.js');
    return estimateCall({
      manifest,
      variant,
      device,
      stored: stored === true,
      size,
      maxInputPixels: context.maxInputPixels,
      target: args.parameters?.target_size,
      engines: { most: device === 'wasm' ? context.maxEngines : 1, ...context.workshop.started(device) },
      maxTileSidePx: options.tile?.maxSidePx,
      macsPerSecond: context.speeds.get(device),
    });
  },
};

/** What a call would choose now; WASM where that has to be measured first. */
export async function likelyFeedForward(
  manifest: FeedForwardManifest,
  options: Options,
  context: CallContext,
): Promise<{ readonly device: DeviceChoice['device']; readonly variant: ModelVariant }> {
  const known = await context.devices.expect(deviceRequest(manifest, options, context));
  return known ?? { device: 'wasm', variant: chooseVariant(manifest, 'wasm', options.dtype) };
}

function deviceRequest(
  manifest: FeedForwardManifest,
  { device, dtype, tile }: Options,
  { maxEngines }: CallContext,
): DeviceRequest {
  return { manifest, device, dtype, maxTileSidePx: tile?.maxSidePx, engines: maxEngines };
}
