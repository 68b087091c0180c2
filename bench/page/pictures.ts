/** Photographs of the demo that the bench's pictures are laid out of, below the page. */
const SOURCES = ['astronaut.png', 'rocket.jpg', 'coffee.png', 'hubble_deep_field.jpg', 'chelsea.png'] as const;

/** Fine enough that the encoder's own faults do not count as content, and about what a camera writes. */
const JPEG_QUALITY = 0.95;

/**
 * A JPEG of the wished size: rows of photographs at their own size, every second one mirrored, so that no content is
 * invented by enlarging. The same picture every time.
 */
export async function drawPicture(width: number, height: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error(`No canvas of ${width} x ${height}.`);
  const bitmaps = await Promise.all(
    SOURCES.map(async (name) => createImageBitmap(await (await fetch(`/samples/${name}`)).blob())),
  );
  const rowHeight = Math.min(...bitmaps.map((bitmap) => bitmap.height));
  let count = 0;
  for (let y = 0; y < height; y += rowHeight) {
    for (let x = 0; x < width; count++) {
      const bitmap = bitmaps[count % bitmaps.length];
      if (bitmap === undefined) break;
      context.save();
      const isMirrored = Math.floor(count / bitmaps.length) % 2 === 1;
      context.translate(isMirrored ? x + bitmap.width : x, y);
      if (isMirrored) context.scale(-1, 1);
      context.drawImage(bitmap, 0, 0);
      context.restore();
      x += bitmap.width;
    }
  }
  for (const bitmap of bitmaps) bitmap.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY });
}
