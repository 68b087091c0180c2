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
  const response = await fetch(variant.url);
  if (!response.ok) throw new Error(`${variant.url}: ${response.status}`);
  return { bytes: await response.arrayBuffer(), input: manifest.input };
}
