/** Width and height of the pictures, by megapixels. */
export const PICTURE_SIZES: Readonly<Record<number, readonly [number, number]>> = {
  0.1: [384, 256],
  0.3: [640, 480],
  1: [1152, 864],
  3: [2048, 1464],
  12: [4000, 3000],
  24: [6000, 4000],
  48: [8000, 6000],
};

/** Pixels of a picture of {@link PICTURE_SIZES}. */
export function pixelsOf(megapixels: number): number {
  const [width, height] = sizeOfPicture(megapixels);
  return width * height;
}

/** @throws RangeError for another size than those of {@link PICTURE_SIZES}. */
export function sizeOfPicture(megapixels: number): readonly [number, number] {
  const size = PICTURE_SIZES[megapixels];
  if (size === undefined) throw new RangeError(`There is no picture of ${megapixels} MP.`);
  return size;
}
