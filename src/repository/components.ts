import type { DiffusionManifest } from '../contract/manifest.js';
import type { SchedulerConfig } from '../contract/scheduler-config.js';
import { createScheduler } from '../core/schedulers/create-scheduler.js';
import { Fields, type JsonObject } from './json-object.js';
import type { ConfigName } from './options.js';
import { unusable } from './refusal.js';
import { CONFIG_PATHS, type Repository } from './repository.js';

/** Defaults of diffusers' classes, for configurations written before the field was. */
const KL_SCALING_FACTOR = 0.18215;
const LATENT_CHANNELS = 4;
const SAMPLE_SIZE = 64;
const CLIP_TOKENS = 77;

/** Where exporters that split the VAE's graph leave its configuration whole. */
const WHOLE_VAE_PATH = 'vae/config.json';

/** What a U-Net's configuration says. */
export interface UnetConfig {
  readonly inChannels: number;
  readonly timeCondProjDim: number | null;
  /** How often latents are halved inside. */
  readonly halvings: number;
  /** Side of the latents that it was trained on. */
  readonly sampleSize: number;
}

/** @throws ImageToImageError `model-unavailable` if it is missing, wrong, or asks for inputs that Tintype does not give. */
export async function readUnet(repository: Repository): Promise<UnetConfig> {
  const config = await repository.readConfig('unet');
  if (!config) throw missing('unet', 'in_channels, block_out_channels');
  const fields = new Fields(config, CONFIG_PATHS.unet);
  for (const name of ['addition_embed_type', 'class_embed_type', 'num_class_embeds', 'encoder_hid_dim_type']) {
    if (fields.isSet(name)) {
      throw unusable(
        `The U-Net wants more than picture, time and text (${name} in unet/config.json), which Tintype cannot give. Use a plain Stable Diffusion 1 or 2 model.`,
        { field: name },
      );
    }
  }
  return {
    inChannels: fields.count('in_channels') ?? LATENT_CHANNELS,
    timeCondProjDim: fields.count('time_cond_proj_dim') ?? null,
    halvings: fields.counts('block_out_channels').length - 1,
    sampleSize: fields.countOrLargest('sample_size') ?? SAMPLE_SIZE,
  };
}

/**
 * Reads the VAE from the encoder's configuration and the decoder's, or from `vae/config.json` where neither has one.
 * @throws ImageToImageError `model-unavailable` if there is none, or they are not halves of one VAE.
 */
export async function readVae(repository: Repository): Promise<DiffusionManifest['vae']> {
  const [encoder, decoder] = await Promise.all([
    repository.readConfig('vae_encoder'),
    repository.readConfig('vae_decoder'),
  ]);
  if (!encoder && !decoder) return readWholeVae(repository);
  const vae = encoder ? vaeOf(encoder, CONFIG_PATHS.vae_encoder) : vaeOf(decoder ?? {}, CONFIG_PATHS.vae_decoder);
  if (encoder && decoder) {
    const other = vaeOf(decoder, CONFIG_PATHS.vae_decoder);
    const differs = (Object.keys(vae) as (keyof typeof vae)[]).find((key) => vae[key] !== other[key]);
    if (differs) {
      throw unusable(
        `vae_encoder and vae_decoder are of different VAEs: ${differs} is ${vae[differs]} and ${other[differs]}. Use halves of one, or correct them in \`configs\`.`,
        { field: differs },
      );
    }
  }
  return vae;
}

async function readWholeVae(repository: Repository): Promise<DiffusionManifest['vae']> {
  const config = await repository.readJson(WHOLE_VAE_PATH);
  if (config) return vaeOf(config, WHOLE_VAE_PATH);
  throw missing('vae_encoder', 'block_out_channels, latent_channels, scaling_factor');
}

function vaeOf(config: JsonObject, path: string): DiffusionManifest['vae'] {
  const fields = new Fields(config, path);
  const isTiny = fields.text('_class_name') === 'AutoencoderTiny';
  const blocks = fields.counts(isTiny ? 'encoder_block_out_channels' : 'block_out_channels');
  return {
    latentChannels: fields.count('latent_channels') ?? LATENT_CHANNELS,
    scalingFactor: fields.number('scaling_factor') ?? (isTiny ? 1 : KL_SCALING_FACTOR),
    shiftFactor: fields.number('shift_factor') ?? 0,
    downscale: 2 ** (blocks.length - 1),
  };
}

/** @throws ImageToImageError `model-unavailable` if it is missing, or asks for what Tintype's schedulers have not. */
export async function readScheduler(repository: Repository): Promise<SchedulerConfig> {
  const config = await repository.readConfig('scheduler');
  if (!config) throw missing('scheduler', '_class_name, beta_start, beta_end, beta_schedule');
  const _class_name = new Fields(config, CONFIG_PATHS.scheduler).text('_class_name') ?? '(none)';
  const scheduler = { ...config, _class_name } as SchedulerConfig;
  // Made only to be refused here, and not in the first call, if it has to be.
  createScheduler(scheduler, { steps: 1 });
  return scheduler;
}

/**
 * Tokens that the text encoder takes. A missing configuration is CLIP's.
 * @throws ImageToImageError `model-unavailable` for another kind of encoder.
 */
export async function readTextLength(repository: Repository): Promise<number> {
  const config = await repository.readConfig('text_encoder');
  if (!config) return CLIP_TOKENS;
  const fields = new Fields(config, CONFIG_PATHS.text_encoder);
  const kind = fields.text('model_type') ?? 'clip_text_model';
  if (!kind.startsWith('clip')) {
    throw unusable(
      `The text encoder is ${kind}; Tintype runs CLIP text encoders. Use a Stable Diffusion 1 or 2 model.`,
      {
        kind,
      },
    );
  }
  return fields.count('max_position_embeddings') ?? CLIP_TOKENS;
}

function missing(name: ConfigName, fields: string): Error {
  return unusable(
    `${CONFIG_PATHS[name]} is missing. Add it to the repository, or pass configs: { ${name}: { ... } } with ${fields}.`,
    { missing: CONFIG_PATHS[name] },
  );
}
