import type { InferenceClient as HostedClient, imageToImage as hostedImageToImage } from '@huggingface/inference';
import type { ImageToImageParameters as HostedParameters, ImageToImageInput } from '@huggingface/tasks';
import { expectTypeOf, test } from 'vitest';
import type { ImageToImageArgs, ImageToImageParameters, InferenceClient, imageToImage } from './index.js';

test('our call can stand where the hosted client has its own', () => {
  expectTypeOf<InferenceClient['imageToImage']>().toExtend<HostedClient['imageToImage']>();
  expectTypeOf<typeof imageToImage>().toExtend<typeof hostedImageToImage>();
});

test('every argument of the generated hosted types is accepted', () => {
  expectTypeOf<ImageToImageInput>().toExtend<ImageToImageArgs>();
  expectTypeOf<HostedParameters>().toExtend<ImageToImageParameters>();
});

test('each hosted parameter has the same name here', () => {
  type Named<T> = keyof { [Name in keyof T as string extends Name ? never : Name]: T[Name] };
  expectTypeOf<Named<HostedParameters>>().toExtend<Named<ImageToImageParameters>>();
});

test('the result is a bare Blob', () => {
  expectTypeOf<ReturnType<InferenceClient['imageToImage']>>().toEqualTypeOf<Promise<Blob>>();
});

test('wrong values of known parameters do not compile', () => {
  expectTypeOf<{ guidance_scale: string }>().not.toExtend<ImageToImageParameters>();
  expectTypeOf<{ inputs: number }>().not.toExtend<ImageToImageArgs>();
});
