import type {
  InferenceClient as HostedClient,
  Options as HostedOptions,
  imageToImage as hostedImageToImage,
} from '@huggingface/inference';
import type { ImageToImageParameters as HostedParameters, ImageToImageInput } from '@huggingface/tasks';
import { expectTypeOf, test } from 'vitest';
import type {
  ClientOptions,
  ImageToImageArgs,
  ImageToImageOptions,
  ImageToImageParameters,
  InferenceClient,
  imageToImage,
} from './index.js';

test('our call can stand where the hosted client has its own', () => {
  expectTypeOf<InferenceClient['imageToImage']>().toExtend<HostedClient['imageToImage']>();
  expectTypeOf<typeof imageToImage>().toExtend<typeof hostedImageToImage>();
});

test('what is written for the hosted client takes ours: by assignment, by token and by options', () => {
  type HostedCall = Parameters<HostedClient['imageToImage']>;
  expectTypeOf<InferenceClient['imageToImage']>().toBeCallableWith({} as HostedCall[0], {} as HostedCall[1]);
  expectTypeOf<Pick<InferenceClient, 'imageToImage'>>().toExtend<Pick<HostedClient, 'imageToImage'>>();
  expectTypeOf<ConstructorParameters<typeof HostedClient>[0]>().toExtend<
    ConstructorParameters<typeof InferenceClient>[0]
  >();
  expectTypeOf<HostedOptions>().toExtend<ImageToImageOptions>();
  expectTypeOf<Omit<HostedOptions, 'signal'>>().toExtend<ClientOptions>();
});

test('a wish for the hosted side is typed: no consent by a mere truthy value, no unknown mode', () => {
  expectTypeOf<{ consent: 'yes' }>().not.toExtend<ImageToImageOptions>();
  expectTypeOf<{ consent: false }>().not.toExtend<ImageToImageOptions>();
  expectTypeOf<{ mode: 'remote' }>().not.toExtend<ImageToImageOptions>();
  expectTypeOf<{ consent: () => Promise<boolean> }>().toExtend<ImageToImageOptions>();
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
