import type { ModelManifest } from './contract/manifest.js';
import {
  type ImageToImageArgs,
  type ImageToImageParameters,
  PARAMETER_NAMES,
  type ParameterName,
} from './contract/parameters.js';
import type { Warning } from './contract/report.js';
import type { ClientOptions, ImageToImageOptions } from './options.js';

const MODES = ['local-only', 'local-first', 'remote-first', 'remote-only'];
const OUTPUT_TYPES = ['image/png', 'image/jpeg', 'image/webp'];
/** The longest side that any browser's canvas has. */
const MAX_SIDE_PX = 65_535;

/**
 * Refuses misuse before any work begins.
 * @throws TypeError for a value of the wrong kind, RangeError for one out of range; the message names the field.
 */
export function validateCall(args: ImageToImageArgs, options: ImageToImageOptions): void {
  if (typeof args !== 'object' || args === null) throw new TypeError('args must be an object with `inputs`.');
  if (args.inputs === undefined || args.inputs === null)
    throw new TypeError('args.inputs is missing: pass the picture.');
  for (const name of ['model', 'provider', 'endpointUrl'] as const) {
    if (args[name] !== undefined && typeof args[name] !== 'string')
      throw new TypeError(`args.${name} must be a string.`);
  }
  validateParameters(args.parameters);
  validateOptions(options);
}

/** The same for the options that a client is made with. */
export function validateClientOptions(options: ClientOptions): void {
  validateOptions(options);
  integer('maxEngines', options.maxEngines, 1, 16);
  integer('idleMs', options.idleMs, 0, 2 ** 31 - 1);
  integer('maxInputPixels', options.maxInputPixels, 1, 2 ** 28);
  const { aliases } = options;
  if (aliases === undefined) return;
  if (typeof aliases !== 'object' || aliases === null || Object.values(aliases).some((id) => typeof id !== 'string')) {
    throw new TypeError('aliases must be an object whose values are ids of models.');
  }
}

/** What a model cannot honour, as warnings: never silence. */
export function parameterWarnings(manifest: ModelManifest, parameters: ImageToImageParameters | undefined): Warning[] {
  const warnings: Warning[] = [];
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (value === undefined || name === 'target_size') continue;
    if (!isParameterName(name)) {
      warnings.push({
        code: 'parameter-unknown',
        name,
        message: `Tintype does not know the parameter ${name}; it had no effect.`,
      });
    } else if (!manifest.honours.includes(name)) {
      warnings.push({ code: 'parameter-ignored', name, message: `${name} has no effect on ${manifest.id}.` });
    }
  }
  return warnings;
}

/** Options that concern the hosted side only, for a call that stays in the page. */
export function hostedOnlyWarnings(options: ImageToImageOptions): Warning[] {
  const names = ['retry_on_error', 'fetch', 'includeCredentials', 'billTo', 'use_cache', 'wait_for_model'] as const;
  return ignored(options, names, 'concerns the hosted side; it had no effect in the page');
}

/** Options that concern the page only, for a call that goes to the hosted side. */
export function pageOnlyWarnings(options: ImageToImageOptions): Warning[] {
  const names = ['device', 'dtype', 'tile', 'residency', 'onTile', 'onPreview', 'output'] as const;
  return ignored(options, names, 'concerns the page; it had no effect on the hosted side');
}

/** Options of prompted models, for a call of another one. */
export function promptedOnlyWarnings(options: ImageToImageOptions): Warning[] {
  return ignored(options, ['residency', 'onPreview'], 'concerns prompted models; it had no effect on this one');
}

function ignored(options: ImageToImageOptions, names: readonly (keyof ImageToImageOptions)[], why: string): Warning[] {
  return names
    .filter((name) => options[name] !== undefined)
    .map((name) => ({ code: 'option-ignored', name, message: `${name} ${why}.` }));
}

function isParameterName(name: string): name is ParameterName {
  return (PARAMETER_NAMES as readonly string[]).includes(name);
}

function validateParameters(parameters: ImageToImageParameters | undefined): void {
  if (parameters === undefined) return;
  if (typeof parameters !== 'object' || parameters === null) throw new TypeError('parameters must be an object.');
  const { prompt, negative_prompt, target_size } = parameters;
  if (prompt !== undefined && typeof prompt !== 'string') throw new TypeError('parameters.prompt must be a string.');
  if (negative_prompt !== undefined && typeof negative_prompt !== 'string' && !isStringList(negative_prompt)) {
    throw new TypeError('parameters.negative_prompt must be a string or a list of strings.');
  }
  finite('parameters.guidance_scale', parameters.guidance_scale, 0, Number.MAX_VALUE);
  finite('parameters.image_guidance_scale', parameters.image_guidance_scale, 0, Number.MAX_VALUE);
  finite('parameters.strength', parameters.strength, 0, 1);
  integer('parameters.num_inference_steps', parameters.num_inference_steps, 1, 10_000);
  integer('parameters.seed', parameters.seed, 0, Number.MAX_SAFE_INTEGER);
  if (parameters.mask_image !== undefined && !mayHoldPicture(parameters.mask_image)) {
    throw new TypeError('parameters.mask_image must be a picture: what inputs may be.');
  }
  if (target_size === undefined) return;
  if (typeof target_size !== 'object' || target_size === null) {
    throw new TypeError('parameters.target_size must be { width, height } in pixels.');
  }
  required('parameters.target_size.width', target_size.width);
  required('parameters.target_size.height', target_size.height);
  integer('parameters.target_size.width', target_size.width, 1, MAX_SIDE_PX);
  integer('parameters.target_size.height', target_size.height, 1, MAX_SIDE_PX);
}

function validateOptions(options: ImageToImageOptions): void {
  oneOf('mode', options.mode, MODES);
  oneOf('output.type', options.output?.type, OUTPUT_TYPES);
  finite('output.quality', options.output?.quality, 0, 1);
  colour('output.background', options.output?.background);
  oneOf('metadata', options.metadata, ['strip', 'keep']);
  oneOf('device', options.device, ['auto', 'wasm', 'webgpu']);
  oneOf('residency', options.residency, ['auto', 'sequential', 'resident']);
  integer('tile.maxSidePx', options.tile?.maxSidePx, 32, 4096);
  for (const name of ['onProgress', 'onTile', 'onPreview', 'onReport', 'fetch'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new TypeError(`${name} must be a function.`);
  }
  integer('hosted.timeoutMs', options.hosted?.timeoutMs, 1, 2 ** 31 - 1);
  integer('hosted.maxAnswerBytes', options.hosted?.maxAnswerBytes, 1, 2 ** 31 - 1);
  integer('hosted.maxUploadPixels', options.hosted?.maxUploadPixels, 1, 2 ** 28);
  if (options.consent !== undefined && options.consent !== true && typeof options.consent !== 'function') {
    throw new TypeError('consent must be true or a function.');
  }
  if (options.signal !== undefined && typeof options.signal?.addEventListener !== 'function') {
    throw new TypeError('signal must be an AbortSignal.');
  }
}

/** Where the browser can tell (not in node), whether it is a colour. */
function colour(name: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== 'string') throw new TypeError(`${name} must be a CSS colour; got ${typeof value}.`);
  if (typeof CSS === 'undefined' || CSS.supports('color', value)) return;
  throw new RangeError(`${name} must be a CSS colour, such as '#ffffff' or 'white'; got '${value}'.`);
}

/** Which kinds do is seen when it is read. */
function mayHoldPicture(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function isStringList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function required(name: string, value: unknown): void {
  if (value === undefined) throw new TypeError(`${name} is missing.`);
}

function oneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (value === undefined || (typeof value === 'string' && allowed.includes(value))) return;
  throw new RangeError(`${name} must be one of ${allowed.join(', ')}; got ${String(value)}.`);
}

function finite(name: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number; got ${typeof value}.`);
  if (Number.isFinite(value) && value >= least && value <= most) return;
  throw new RangeError(
    `${name} must be ${most === Number.MAX_VALUE ? `at least ${least}` : `from ${least} to ${most}`}; got ${value}.`,
  );
}

function integer(name: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw new TypeError(`${name} must be a whole number; got ${typeof value}.`);
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}; got ${value}.`);
}
