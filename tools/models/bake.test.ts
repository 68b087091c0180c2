import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../models/catalogue.ts';
import { buildModel } from './build-model.ts';
import { drawPicture } from './drawn-picture.ts';
import { largestDifference } from './measure-model.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { crop, type Picture } from './png-picture.ts';
import { psnrDb } from './psnr.ts';
import { openSession } from './wasm-session.ts';

const SIDE = 64;
/** The drawn bars are harsher than any photograph, on which the rule of docs/models.md asks for 45 dB. */
const LEAST_PSNR_DB = 43;

const feedForward = catalogue.filter((manifest) => manifest.pipeline === 'feed-forward');

describe.each(feedForward.map((manifest) => ({ id: manifest.id, manifest })))('$id', ({ id, manifest }) => {
  const { scale, tile, variants } = manifest;

  it('takes any size and gives opaque pixels of exactly the scale', { timeout: 60_000 }, async () => {
    for (const { url } of variants) {
      const session = await openSession(readFileSync(fileURLToPath(url)));
      for (const [width, height] of [
        [1, 1],
        [7, 1],
        [1, 7],
        [13, 7],
      ] as const) {
        const size = { width: width * tile.multiple, height: height * tile.multiple };
        const result = await session.run(drawPicture(size.width, size.height));
        expect([result.width, result.height]).toEqual([size.width * scale, size.height * scale]);
        expect(result.rgba.length).toBe(result.width * result.height * 4);
        expect(result.rgba.every((value, at) => at % 4 < 3 || value === 255)).toBe(true);
      }
      await session.release();
    }
  });

  it('ignores alpha', async () => {
    const [first] = variants;
    const session = await openSession(readFileSync(fileURLToPath(first?.url ?? '')));
    const opaque = drawPicture(8, 8);
    const clear = { ...opaque, rgba: opaque.rgba.map((value, at) => (at % 4 === 3 ? 7 : value)) };
    expect(await session.run(clear)).toEqual(await session.run(opaque));
    await session.release();
  });

  it('w8 stays near float32, and its tiles equal the whole', { timeout: 60_000 }, async () => {
    const spec = MODEL_SPECS.find((one) => one.id === id);
    if (!spec) throw new Error(`${id} is not in model-specs.ts.`);
    const { files } = buildModel(spec);
    const picture = drawPicture(SIDE, SIDE);
    const float = await run(files.f32, picture);
    const session = await openSession(files.w8);
    const whole = await session.run(picture);
    expect(psnrDb(whole, float)).toBeGreaterThan(LEAST_PSNR_DB);
    const at = 24;
    const inner = await session.run(crop(picture, at, at, { width: SIDE - at, height: SIDE - at }));
    const kept = SIDE - at - tile.overlapPx;
    const size = { width: kept * scale, height: kept * scale };
    const from = (at + tile.overlapPx) * scale;
    const overlap = tile.overlapPx * scale;
    expect(largestDifference(crop(inner, overlap, overlap, size), crop(whole, from, from, size))).toBeLessThanOrEqual(
      1,
    );
    await session.release();
  });
});

async function run(file: Uint8Array, picture: Picture): Promise<Picture> {
  const session = await openSession(file);
  const result = await session.run(picture);
  await session.release();
  return result;
}
