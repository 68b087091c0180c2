import { PARAMETER_NAMES, type ParameterName } from '../../contract/parameters.js';
import type { Warning } from '../../contract/report.js';
import type { ProviderName } from './provider-name.js';

/** Who answers: a provider, or an `endpointUrl`. */
export type Answerer = ProviderName | 'endpoint';

/**
 * What becomes of a parameter.
 * - `honoured`: sent under its own name, which the provider's interface has too.
 * - `mapped`: sent under the provider's own name or form.
 * - `ignored`: the provider's interface has nothing like it. Sent under its own name all the same, for models differ; a warning says so.
 *
 * Whether a model heeds what its provider takes is the model's affair.
 */
export type ParameterSupport = 'honoured' | 'mapped' | 'ignored';

/** One cell of {@link HOSTED_PARAMETERS}. */
export interface HostedParameter {
  readonly support: ParameterSupport;
  /** Where it stands in the request's body: a path with dots. */
  readonly sentAs: string;
}

const as = (support: ParameterSupport, sentAs: string): HostedParameter => ({ support, sentAs });

function row(sentAs: (name: ParameterName) => string, differing: Partial<Record<ParameterName, HostedParameter>>) {
  const cells = PARAMETER_NAMES.map((name) => [name, differing[name] ?? as('honoured', sentAs(name))]);
  return Object.fromEntries(cells) as Readonly<Record<ParameterName, HostedParameter>>;
}

const inParameters = row((name) => `parameters.${name}`, {});

/**
 * Every parameter of every provider; the docs print it. Sources: the providers' schemas for image models (fal.ai/models,
 * replicate.com, wavespeed.ai/docs, docs.together.ai) and the request mapping of `@huggingface/inference`.
 */
export const HOSTED_PARAMETERS: Readonly<Record<Answerer, Readonly<Record<ParameterName, HostedParameter>>>> = {
  'hf-inference': inParameters,
  endpoint: inParameters,
  'fal-ai': row((name) => name, {
    target_size: as('mapped', 'image_size'),
    image_guidance_scale: as('ignored', 'image_guidance_scale'),
    mask_image: as('mapped', 'mask_url'),
  }),
  replicate: row((name) => `input.${name}`, {
    target_size: as('ignored', 'input.target_size'),
    mask_image: as('mapped', 'input.mask'),
  }),
  wavespeed: row((name) => name, {
    target_size: as('mapped', 'size'),
    image_guidance_scale: as('ignored', 'image_guidance_scale'),
  }),
  together: row((name) => name, {
    num_inference_steps: as('mapped', 'steps'),
    target_size: as('mapped', 'width, height'),
    strength: as('ignored', 'strength'),
    image_guidance_scale: as('ignored', 'image_guidance_scale'),
    mask_image: as('ignored', 'mask_image'),
  }),
};

/** What a provider makes of each parameter. */
export function effectiveParameters(answerer: Answerer): Readonly<Record<ParameterName, ParameterSupport>> {
  const cells = PARAMETER_NAMES.map((name) => [name, HOSTED_PARAMETERS[answerer][name].support]);
  return Object.fromEntries(cells) as Record<ParameterName, ParameterSupport>;
}

/** One warning for each parameter that was passed and that the provider does not take. */
export function ignoredParameters(answerer: Answerer, passed: Readonly<Record<string, unknown>>): Warning[] {
  const support = effectiveParameters(answerer);
  return PARAMETER_NAMES.filter((name) => passed[name] !== undefined && support[name] === 'ignored').map((name) => ({
    code: 'parameter-ignored',
    name,
    message: `The interface of ${answerer} has no ${name}; models there ignore what they do not know.`,
  }));
}

/**
 * Parameters in the provider's own words, before the official mapping, which passes on what it does not know.
 * @param passed Hosted names; `mask_image` is text that stands for the mask.
 */
export function wireParameters(
  answerer: Answerer,
  passed: Readonly<Record<string, unknown>>,
  maskType: string,
): Record<string, unknown> {
  const { target_size, mask_image, ...rest } = passed;
  return { ...rest, ...sizeFor(answerer, target_size), ...maskFor(answerer, mask_image, maskType) };
}

function sizeFor(answerer: Answerer, size: unknown): Record<string, unknown> {
  if (size === undefined) return {};
  const { width, height } = size as { readonly width: number; readonly height: number };
  switch (answerer) {
    case 'fal-ai':
      return { image_size: { width, height } };
    case 'together':
      return { width, height };
    case 'wavespeed':
      return { size: `${width}*${height}` };
    default:
      return { target_size: size };
  }
}

function maskFor(answerer: Answerer, mask: unknown, type: string): Record<string, unknown> {
  if (mask === undefined) return {};
  const dataUrl = `data:${type};base64,${mask}`;
  switch (answerer) {
    case 'fal-ai':
      return { mask_url: dataUrl };
    case 'replicate':
      return { mask: dataUrl };
    case 'together':
      return { mask_image: dataUrl };
    // Like the picture itself there: bare base64.
    default:
      return { mask_image: mask };
  }
}
