// What the tests of repositories do in the page.
import type { JSHandle, Page } from '@playwright/test';
import type { ErrorRecord, ImageToImageOptions, InferenceClient, ModelManifest, ProgressPhase, Report } from 'tintype';
import type { HandedInFiles, RepositoryOptions } from 'tintype/repository';
import type { Picture } from '../tools/models/png-picture.js';

declare global {
  interface Window {
    /** The client of {@link openClient}. */
    repositoryClient?: InferenceClient;
  }
}

/** An error of the package, or of misuse (then only name and message tell). */
export type CaughtError = Partial<ErrorRecord> & { readonly name: string; readonly message: string };

/** Reads a repository in the page. @throws Error with what the page's promise was rejected with. */
export async function readInPage(
  page: Page,
  source: string | JSHandle<HandedInFiles>,
  options: Omit<RepositoryOptions, 'signal' | 'fetch'> = {},
): Promise<ModelManifest> {
  const answer = await tryRead(page, source, options);
  if ('manifest' in answer) return answer.manifest;
  throw new Error(`${answer.error.name} ${answer.error.code ?? ''}: ${answer.error.message}`);
}

/** The same, for reading that is to fail. */
export async function refusalInPage(
  page: Page,
  source: string | JSHandle<HandedInFiles>,
  options: Omit<RepositoryOptions, 'signal' | 'fetch'> = {},
): Promise<CaughtError> {
  const answer = await tryRead(page, source, options);
  if ('error' in answer) return answer.error;
  throw new Error(`${answer.manifest.id} could be read.`);
}

async function tryRead(
  page: Page,
  source: string | JSHandle<HandedInFiles>,
  options: Omit<RepositoryOptions, 'signal' | 'fetch'>,
): Promise<{ readonly manifest: ModelManifest } | { readonly error: CaughtError }> {
  return await page.evaluate(
    async ({ source, options }) => {
      try {
        const { readRepository } = await window.importRepository();
        return { manifest: await readRepository(source, options) };
      } catch (caught) {
        const { name, message } = caught as Error;
        return { error: { name, message, ...(caught as { toJSON?(): ErrorRecord }).toJSON?.() } };
      }
    },
    { source, options },
  );
}

/** Gives the page a client that knows these models besides the catalogue, in place of the one before. */
export async function openClient(page: Page, models: readonly ModelManifest[]): Promise<void> {
  await page.evaluate(async (models) => {
    await window.repositoryClient?.dispose();
    window.repositoryClient = new window.tintype.InferenceClient(undefined, { models });
  }, models);
}

/** Bytes as a Blob in the page. */
export async function blobInPage(page: Page, bytes: Uint8Array): Promise<JSHandle<Blob>> {
  const base64 = Buffer.from(bytes).toString('base64');
  return await page.evaluateHandle((text) => new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]), base64);
}

/** A call of the page's client. */
export interface Edit {
  readonly model: string;
  readonly picture: JSHandle<Blob>;
  readonly mask?: JSHandle<Blob>;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly options?: Pick<ImageToImageOptions, 'device' | 'dtype' | 'residency' | 'tile'>;
  /** Aborts with a reason of its own at the first progress of this phase that has something done. */
  readonly abortAt?: ProgressPhase;
}

/** What an edit came to. */
export interface Edited {
  /** Opaque pixels as in the file, others as a canvas gives them back; absent when the call was rejected. */
  readonly picture?: Picture;
  readonly error?: CaughtError & { readonly isReason: boolean };
  readonly report: Report;
  /** Each once, in order. */
  readonly phases: readonly ProgressPhase[];
}

/** Makes a call of the page's client, for a PNG. */
export async function editInPage(page: Page, edit: Edit): Promise<Edited> {
  const { picture, mask = null, ...rest } = edit;
  const { pixels, ...answer } = await page.evaluate(
    async ({ picture, mask, rest }) => {
      const controller = new AbortController();
      const reason = new Error('The test aborted.');
      const phases: ProgressPhase[] = [];
      const reports: Report[] = [];
      const client = window.repositoryClient;
      if (!client) throw new Error('openClient first.');
      const decode = async (blob: Blob): Promise<{ width: number; height: number; base64: string }> => {
        const bitmap = await createImageBitmap(blob, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
        const { width, height } = bitmap;
        const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
        context?.drawImage(bitmap, 0, 0);
        const parts: string[] = [];
        for (const byte of context?.getImageData(0, 0, width, height).data ?? []) parts.push(String.fromCharCode(byte));
        return { width, height, base64: btoa(parts.join('')) };
      };
      try {
        const blob = await client.imageToImage(
          {
            inputs: picture,
            model: rest.model,
            parameters: { ...rest.parameters, ...(mask ? { mask_image: mask } : {}) },
          },
          {
            ...rest.options,
            signal: controller.signal,
            onReport: (report) => reports.push(report),
            onProgress: ({ phase, done }) => {
              if (phases.at(-1) !== phase) phases.push(phase);
              if (phase === rest.abortAt && done > 0) controller.abort(reason);
            },
          },
        );
        return { pixels: await decode(blob), report: reports[0] as Report, phases };
      } catch (caught) {
        const { name, message } = caught as Error;
        const record = (caught as { toJSON?(): ErrorRecord }).toJSON?.();
        const error = { name, message, ...record, isReason: caught === reason };
        return { error, report: reports[0] as Report, phases };
      }
    },
    { picture, mask, rest },
  );
  if (!pixels) return answer;
  const { width, height, base64 } = pixels;
  return { ...answer, picture: { width, height, rgba: Buffer.from(base64, 'base64') } };
}

/** The same for a call that is to succeed. @throws Error with what it was rejected with. */
export async function pictureInPage(page: Page, edit: Edit): Promise<Edited & { readonly picture: Picture }> {
  const { picture, ...rest } = await editInPage(page, edit);
  if (picture) return { ...rest, picture };
  throw new Error(`${rest.error?.code ?? rest.error?.name}: ${rest.error?.message} ${JSON.stringify(rest.error)}`);
}
