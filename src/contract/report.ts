import type { ErrorRecord } from './errors.js';
import type { Device, Dtype } from './manifest.js';
import type { ProgressPhase } from './progress.js';

/** What was ignored or adjusted; {@link WARNING_CODES} says it in words. */
export type WarningCode =
  | 'parameter-ignored'
  | 'parameter-unknown'
  | 'prompt-cut'
  | 'work-size-reduced'
  | 'encoder-draws'
  | 'provider-staging'
  | 'option-ignored'
  | 'animation-first-frame'
  | 'alpha-flattened'
  | 'output-type-substituted'
  | 'bit-depth-reduced'
  | 'colour-converted'
  | 'metadata-not-kept'
  | 'engine-restarted'
  | 'device-changed'
  | 'model-not-stored';

/** Every warning a report can hold. */
export const WARNING_CODES: Readonly<Record<WarningCode, string>> = {
  'parameter-ignored': 'A known parameter has no effect on this model.',
  'parameter-unknown': 'Tintype does not know a parameter of this name; it had no effect.',
  'prompt-cut': 'The prompt has more tokens than the model reads; its end had no effect.',
  'work-size-reduced':
    'The picture is larger than the model can work at; it was worked on smaller, and the result enlarged again.',
  'encoder-draws':
    "The model's encoder draws random numbers by itself: the same seed gives pictures that differ a little.",
  'provider-staging': 'The provider serves this model on trial only: it may change, or stop.',
  'option-ignored': 'An option has no effect where the call ran.',
  'animation-first-frame': 'The picture is animated; only its first frame was used.',
  'alpha-flattened': 'The output type has no transparency; the picture was laid over the background colour.',
  'output-type-substituted': 'This browser cannot write the wished type; the result is a PNG.',
  'bit-depth-reduced': 'The picture has more than 8 bits per channel; it was reduced to 8.',
  'colour-converted': 'The picture was CMYK; the browser converted it to sRGB, colours may shift.',
  'metadata-not-kept': 'The metadata could not be carried over to this output type.',
  'engine-restarted': 'An engine worker died or hung; its tile was run again on another.',
  'device-changed': 'WebGPU failed while the call ran; the rest was done on WASM.',
  'model-not-stored': 'The model could not be stored for later (quota, private mode); it will be fetched again.',
};

/** Something that was ignored or adjusted. */
export interface Warning {
  readonly code: WarningCode;
  /** Name of the parameter or option concerned, where there is one. */
  readonly name?: string;
  readonly message: string;
}

/** Why the call began where it began; {@link DECISION_REASONS} says it in words. */
export type DecisionReason =
  | 'in-page-asked'
  | 'in-page-default'
  | 'in-page-first'
  | 'hosted-asked'
  | 'hosted-first'
  | 'hosted-only'
  | 'mode-forbids-hosted'
  | 'mode-forbids-in-page';

/** Every reason for a side that a report can hold. */
export const DECISION_REASONS: Readonly<Record<DecisionReason, string>> = {
  'in-page-asked': "The call named the provider 'in-page'.",
  'in-page-default': "Mode 'local-only', the default: in the page or not at all.",
  'in-page-first': "Mode 'local-first': in the page; the hosted side if that fails and consent is given.",
  'hosted-asked': 'The call named a hosted provider or an endpointUrl.',
  'hosted-first': "Mode 'remote-first': the hosted side if consent is given, else in the page.",
  'hosted-only': "Mode 'remote-only': the hosted side or not at all.",
  'mode-forbids-hosted': "Refused: the call asks for the hosted side, and mode is 'local-only'. No request was made.",
  'mode-forbids-in-page': "Refused: the call names the provider 'in-page', and mode is 'remote-only'.",
};

/** Why a call ran on its device; {@link DEVICE_REASONS} says it in words. */
export type DeviceReason =
  | 'device-asked'
  | 'webgpu-missing'
  | 'webgpu-no-adapter'
  | 'webgpu-software'
  | 'dtype-wasm-only'
  | 'model-size'
  | 'measured'
  | 'remembered'
  | 'webgpu-unmeasured'
  | 'webgpu-failed';

/** Every reason for a device that a report can hold. */
export const DEVICE_REASONS: Readonly<Record<DeviceReason, string>> = {
  'device-asked': 'The call named the device.',
  'webgpu-missing': 'WASM: this browser has no WebGPU.',
  'webgpu-no-adapter': 'WASM: the browser has WebGPU, but offers no graphics adapter.',
  'webgpu-software': 'WASM: the only graphics adapter is a software one, which is slower.',
  'dtype-wasm-only': 'WASM: the model file that the call named runs only there.',
  'model-size': 'Prompted models are not timed: WebGPU for those with over 64 MiB of weights, WASM for smaller ones.',
  measured: 'The faster of both: one tile was timed on each in this call.',
  remembered: 'The faster of both, by an earlier measurement with this model, runtime and adapter.',
  'webgpu-unmeasured':
    'WASM: the devices could not be compared, for a file that was needed for it could not be had. The next call tries again.',
  'webgpu-failed': 'WASM: WebGPU failed or gave other pixels, when it was measured or while the call ran.',
};

/** Parameters of prompted models that are numbers. */
export type NumericParameter = 'guidance_scale' | 'image_guidance_scale' | 'num_inference_steps' | 'strength' | 'seed';

/** What one call did; delivered once per call, also when it fails or is aborted. */
export interface Report {
  /** `nowhere` when the call was refused before any work. */
  readonly where: 'in-page' | 'hosted' | 'nowhere';
  readonly reason: DecisionReason;
  /** Why the call went to the other side after it began: the error that ended it on the first. */
  readonly fallback?: ErrorRecord;
  /** Where the picture was sent, who was to answer, and in how many attempts; present also where no result came of it. */
  readonly hosted?: {
    readonly host: string;
    readonly provider: string;
    readonly model: string;
    readonly attempts: number;
  };
  /** Id as asked for, or the default's. */
  readonly model: string;
  /** Absent when the call ended before a device was chosen. */
  readonly device?: Device;
  readonly deviceReason?: DeviceReason;
  /** Milliseconds per megapixel of input on each device, all engines together; where `deviceReason` rests on a measurement. */
  readonly deviceMsPerMegapixel?: Readonly<Record<Device, number>>;
  readonly dtype?: Dtype;
  /** Engine workers that the plan gave the call. */
  readonly engines?: number;
  /** Pieces that the picture was cut into; each is counted once, also if it ran twice. */
  readonly tiles?: number;
  /** Steps that a prompted model ran; fewer than `num_inference_steps` where `strength` left some out. */
  readonly steps?: number;
  /** The numbers that a prompted model ran with, by parameter, whether the caller's or the model's own; the seed is always there. */
  readonly parameters?: Readonly<Partial<Record<NumericParameter, number>>>;
  /** Size that a prompted model worked at, in pixels. */
  readonly workSize?: { readonly width: number; readonly height: number };
  /** Upright size in pixels, and the type by the file's bytes. */
  readonly input?: { readonly width: number; readonly height: number; readonly type: string };
  /** Size in pixels, type and bytes of the returned Blob. */
  readonly output?: {
    readonly width: number;
    readonly height: number;
    readonly type: string;
    readonly sizeBytes: number;
  };
  readonly warnings: readonly Warning[];
  /** Wall-clock milliseconds per phase and in all. Phases may overlap. */
  readonly timingsMs: Readonly<
    Partial<Record<Exclude<ProgressPhase, 'queued' | 'download' | 'verify' | 'compile'> | 'load' | 'total', number>>
  >;
  /** Bytes that this call received (models, hosted answers) and sent (hosted requests; 0 in the page). */
  readonly bytes: { readonly down: number; readonly up: number };
  /** How the promise settled. */
  readonly outcome: 'done' | 'failed' | 'aborted';
  /** Present when `outcome` is `failed` by an ImageToImageError; misuse (TypeError, RangeError) has no record. */
  readonly error?: ErrorRecord;
}
