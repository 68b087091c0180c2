import type { JSHandle } from '@playwright/test';
import type { BenchPage } from '../lab.js';
import type { Side } from '../page/side.js';
import type * as Quality from './quality.js';

/** Photographs of the demo that `tintype-sr` was not trained on (tools/training/sr/PICTURES.md): fair to both sides. */
const UNSEEN = ['chelsea.png', 'coffee.png', 'rocket.jpg'] as const;

/** What a table's notes say of {@link psnrOf}. */
export const PSNR_NOTE: string = `PSNR in dB of the Y channel, without a border of 2 pixels, as the mean over ${UNSEEN.length} photographs that none of the networks was trained on (${UNSEEN.join(', ')}): halved with an antialiased bicubic kernel, then enlarged by each side.`;

/** How close a side comes to the truth from its half: the mean over the unseen photographs, in dB. */
export async function psnrOf(bench: BenchPage, side: JSHandle<Side>): Promise<number> {
  return bench.page.evaluate(
    async ([side, names]) => {
      const file = '/peers/quality.js';
      const { examOf, lumaPsnr } = (await import(file)) as typeof Quality;
      let sum = 0;
      for (const name of names) {
        const { truth, half } = await examOf(`/samples/${name}`);
        sum += await lumaPsnr((await side.run(half)).blob, truth);
      }
      return sum / names.length;
    },
    [side, UNSEEN] as const,
  );
}
