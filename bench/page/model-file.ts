import { catalogue } from 'tintype/models';

/** The bytes of a catalogue model's ONNX file, as the package ships it, and the name of its input. */
export async function modelFile(
  model: string,
  dtype: string,
): Promise<{ readonly bytes: ArrayBuffer; readonly input: string }> {
  const manifest = catalogue.find(({ id }) => id === model);
  const variant =
    manifest?.pipeline === 'feed-forward'
      ? manifest.variants.find((candidate) => candidate.dtype === dtype)
      : undefined;
  if (manifest?.pipeline !== 'feed-forward' || variant === undefined) throw new Error(`No ${dtype} file of ${model}.`);
  return { bytes: await bytesOf(variant.url), input: manifest.input };
}

/** The bytes of a prompted catalogue model's graphs, in the order in which a call runs them. */
export async function graphFiles(model: string): Promise<readonly ArrayBuffer[]> {
  const manifest = catalogue.find(({ id }) => id === model);
  const variant =
    manifest?.pipeline === 'diffusion'
      ? manifest.variants.find(({ dtype }) => dtype === manifest.defaultDtype.wasm)
      : undefined;
  if (variant === undefined) throw new Error(`${model} is no prompted model of the catalogue.`);
  const { text_encoder, vae_encoder, unet, vae_decoder } = variant.files;
  return Promise.all([text_encoder, vae_encoder, unet, vae_decoder].map(({ url }) => bytesOf(url)));
}

async function bytesOf(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}
