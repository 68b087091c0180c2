import type { DiffusionManifest, TokenizerFileName } from '../../src/contract/manifest.ts';

/** What a person says about a prompted model; sizes, hashes and cost are computed from its files. */
export interface EditorSpec
  extends Omit<
    DiffusionManifest,
    'schema' | 'pipeline' | 'tokenizer' | 'unetMacsPerPixel' | 'variants' | 'defaultDtype'
  > {
  readonly tokenizer: { readonly files: readonly TokenizerFileName[]; readonly maxTokens: number };
}

/** The prompt editor. Its weights lie where they are shipped: `models/<id>/<stage>.onnx`, as tools/training/instruct/adopt.py puts them. */
export const EDITOR_SPEC: EditorSpec = {
  id: 'instruct-pix2pix-micro',
  task: 'prompted-editing',
  title: 'Edit by words',
  summary:
    'Makes one of 27 edits (colours, light, filters, fog, snow) that a prompt asks for in plain English; a small model that knows nothing of objects.',
  honours: ['prompt', 'negative_prompt', 'guidance_scale', 'image_guidance_scale', 'num_inference_steps', 'seed'],
  family: 'instruct-pix2pix',
  scheduler: {
    _class_name: 'EulerDiscreteScheduler',
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    num_train_timesteps: 1000,
    prediction_type: 'sample',
    timestep_spacing: 'trailing',
    interpolation_type: 'linear',
    use_karras_sigmas: false,
    rescale_betas_zero_snr: false,
    final_sigmas_type: 'zero',
    steps_offset: 0,
    timestep_type: 'discrete',
    trained_betas: null,
  },
  tokenizer: { files: ['tokenizer.json'], maxTokens: 77 },
  vae: { latentChannels: 12, scalingFactor: 1.6, shiftFactor: 0, downscale: 2 },
  unet: { inChannels: 24, timeCondProjDim: null },
  sizeMultiple: 8,
  // Above it onnxruntime-web's heap, which ends at 4 GiB, grows by more than 1 GB (docs/models.md).
  maxWorkPixels: 2 ** 20,
  unetActivationBytesPerPixel: 1000,
  recommended: { num_inference_steps: 4, guidance_scale: 1, image_guidance_scale: 1, strength: 1 },
  licence: 'MIT',
  attribution: 'Tintype contributors; training pictures credited with the model card.',
  made: 'tools/training/instruct: trained from nothing on permissively licensed and drawn pictures; int8 weights, those of the per-pixel part float16.',
};
