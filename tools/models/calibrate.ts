/**
 * Finds the ranges that the activations of each model take, for its integer form: `npm run models:calibrate`, once per change of
 * weights. Writes tools/models/weights/*.ranges.json; `npm run models` reads them. Takes a minute.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bakePixels } from './bake.ts';
import { networkOf, rangesFile } from './build-model.ts';
import { extremePictures } from './extreme-pictures.ts';
import type { GraphValue } from './graph.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { writeOnnx } from './onnx-file.ts';
import { quantizedSources, type Range } from './quantize-u8.ts';
import { CROP_SIDE, readCrops, SAMPLES } from './sample-crops.ts';
import { openInspector, type Planes } from './wasm-session.ts';

/** More digits would only make the files longer: a range is a bound, not a value. */
const DIGITS = 4;

const pictures = [...readCrops(SAMPLES), ...extremePictures(CROP_SIDE)];
for (const spec of MODEL_SPECS) {
  const graph = bakePixels(networkOf(spec));
  const sources = quantizedSources(graph).map(
    (name): GraphValue => ({ name, type: 'float32', dims: [1, 'channels', 'rows', 'columns'] }),
  );
  const inspect = await openInspector(writeOnnx(graph, sources));
  const ranges: Record<string, Range> = {};
  for (const picture of pictures) {
    for (const [name, planes] of Object.entries(await inspect(picture))) ranges[name] = widened(ranges[name], planes);
  }
  const written = Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, rounded(range)]));
  writeFileSync(fileURLToPath(rangesFile(spec.id)), `${JSON.stringify(written)}\n`);
  console.log(spec.id);
}

/** A range that holds these planes too, and zero. */
function widened(range: Range | undefined, { dims, data }: Planes): Range {
  const [, channels = 1] = dims;
  const area = data.length / channels;
  const least = range ? [...range.least] : new Array<number>(channels).fill(0);
  const most = range ? [...range.most] : new Array<number>(channels).fill(0);
  for (let channel = 0; channel < channels; channel++) {
    let [low = 0, high = 0] = [least[channel], most[channel]];
    for (const value of data.subarray(channel * area, (channel + 1) * area)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    least[channel] = low;
    most[channel] = high;
  }
  return { least, most };
}

function rounded({ least, most }: Range): Range {
  const digits = (values: readonly number[]): number[] => values.map((value) => Number(value.toPrecision(DIGITS)));
  return { least: digits(least), most: digits(most) };
}
