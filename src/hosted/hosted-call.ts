import type { ImageToImageParameters } from '../contract/parameters.js';
import type { Warning } from '../contract/report.js';

/** A token, or what gives one: asked once per attempt, so that it may refresh. Empty means none. */
export type AccessToken = string | (() => string | Promise<string>);

/** One call of the hosted side, after the owner has agreed. */
export interface HostedCall {
  /** Without metadata; its type is what its bytes say. */
  readonly picture: Blob;
  /** For models that take one; white may change. */
  readonly mask?: Blob | undefined;
  /** Id on the hosted side; may be missing with an `endpointUrl`. */
  readonly model: string | undefined;
  /** `hf-inference`, `fal-ai`, `replicate`, `wavespeed`, `together` or `auto`; ignored with an `endpointUrl`. */
  readonly provider: string;
  /** Absolute, resolved against the page by the caller. */
  readonly endpointUrl?: string | undefined;
  readonly accessToken?: AccessToken | undefined;
  /** Hosted names; `negative_prompt` is joined already; undefined where the caller passed none at all. */
  readonly parameters: Omit<ImageToImageParameters, 'mask_image'> | undefined;
  readonly options: HostedOptions;
  /** Heard in order; each wait is one. */
  onEvent(event: HostedEvent): void;
  /** Told once, before the picture is sent. */
  onRoute?(route: HostedRoute): void;
}

/** Where a call sends its picture, and what that has taken so far: to be read again when the call has ended, however it did. */
export interface HostedRoute {
  /** The one that is asked; `endpoint` for an own URL. */
  readonly provider: string;
  /** The id that was asked for. */
  readonly model: string;
  /** That the picture is sent to. */
  readonly host: string;
  /** Submits so far. */
  readonly attempts: number;
  /** Of all requests so far, those of failed attempts included. */
  readonly bytes: { readonly down: number; readonly up: number };
}

/** How the hosted side is called. */
export interface HostedOptions {
  /** Makes every request of the call: lookup, submit, poll, cancel, download. @default the page's own */
  readonly fetch?: typeof fetch | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether a busy or loading server is asked again. @default true */
  readonly retry_on_error?: boolean | undefined;
  /** As `RequestInit.credentials`; `true` is `include`. @default none */
  readonly includeCredentials?: string | boolean | undefined;
  /** Sent as `X-HF-Bill-To` to Hugging Face only. */
  readonly billTo?: string | undefined;
  /** `false` sends `x-use-cache: false`. Hugging Face's own inference and endpoints only. */
  readonly use_cache?: boolean | undefined;
  /** `true` sends `x-wait-for-model: true` at once; else it is sent after a first 503. As above. */
  readonly wait_for_model?: boolean | undefined;
  /** Milliseconds for the whole call. @default 300000 */
  readonly timeoutMs?: number | undefined;
  /** Bytes of the answer at most. @default 67108864 */
  readonly maxAnswerBytes?: number | undefined;
}

/** What a hosted call is doing. */
export type HostedEvent =
  | { readonly type: 'uploading'; readonly sizeBytes: number; readonly host: string }
  /** `position`: calls before this one, where the provider tells. */
  | { readonly type: 'queued'; readonly position?: number }
  | { readonly type: 'running' }
  | { readonly type: 'loading-model'; readonly estimatedMs?: number }
  | { readonly type: 'retrying'; readonly attempt: number; readonly waitMs: number; readonly reason: string }
  | { readonly type: 'downloading'; readonly receivedBytes: number; readonly totalBytes?: number };

/** What a hosted call gave. */
export interface HostedResult {
  /** Its type is what its bytes say. */
  readonly blob: Blob;
  /** The one that answered; `endpoint` for an own URL. */
  readonly provider: string;
  /** The id that was asked for. */
  readonly model: string;
  /** That the picture was sent to. */
  readonly host: string;
  readonly attempts: number;
  readonly bytes: { readonly down: number; readonly up: number };
  /** Parameters that this provider does not honour or that were mapped. */
  readonly warnings: readonly Warning[];
}
