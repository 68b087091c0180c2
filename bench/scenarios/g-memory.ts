import type { Lab } from '../lab.js';
import type { TintypeSide } from '../page/tintype.js';
import { pixelsOf } from '../pictures.js';
import { canWatchRenderers, peakGrowth } from '../renderer-memory.js';
import type { Scenario, Scope } from '../scenario.js';

const MEBIBYTE = 1024 * 1024;

/** Bytes of a pixel as RGBA. */
const PIXEL_BYTES = 4;

/** How much what is over may differ between the smallest and the largest picture to count as flat. */
const FLAT_MIB = 64;

const CASES = [
  { model: 'tintype-restore', scale: 1, megapixels: [1, 3, 12, 24, 48] },
  { model: 'tintype-sr-x2', scale: 2, megapixels: [1, 3, 12] },
] as const;

interface Measured {
  readonly model: string;
  readonly megapixels: number;
  readonly engines?: number;
  readonly tiles?: number;
  readonly growthBytes?: number;
  /** Growth beyond 4 bytes per pixel of input and output. */
  readonly beyondBytes?: number;
  /** Why there is no result, for example a limit of the canvas. */
  readonly refusal?: string;
}

/** Memory as pictures grow. */
export const memory: Scenario = {
  letter: 'g',
  async measure(lab, scope) {
    const measured: Measured[] = [];
    if (canWatchRenderers) {
      for (const { model, scale, megapixels } of cases(scope)) {
        for (const size of megapixels) measured.push(await measureCase(lab, { model, scale, megapixels: size }));
      }
    }
    return {
      letter: 'g',
      title: 'Memory: peak of all renderer processes over input and output',
      notes: canWatchRenderers
        ? [
            'A first call in a new page, JPEG to JPEG: how much the resident memory of all renderer processes grew at most, read every 20 ms. "Beyond": less 4 bytes for each pixel of input and of output, so what engines, tiles and codecs take. Flat means that it does not grow with the picture.',
          ]
        : ['Not measured: it is read from /proc, which this system does not have.'],
      columns: ['model', 'MP in', 'engines', 'tiles', 'growth, MiB', 'beyond, MiB', 'target: flat'],
      rows: measured.map((one) => row(one, measured)),
      measures: measured,
    };
  },
};

function cases({ isQuick }: Scope): readonly {
  readonly model: string;
  readonly scale: number;
  readonly megapixels: readonly number[];
}[] {
  return isQuick ? CASES.map((one) => ({ ...one, megapixels: one.megapixels.slice(0, 1) })) : CASES;
}

async function measureCase(
  lab: Lab,
  { model, scale, megapixels }: { readonly model: string; readonly scale: number; readonly megapixels: number },
): Promise<Measured> {
  console.error(`g: ${model}, ${megapixels} MP`);
  const bench = await lab.open();
  try {
    const picture = await bench.picture(megapixels);
    const side = await bench.side('tintype', { model, engines: lab.engines, output: 'image/jpeg' });
    const outcome: { report?: { readonly engines: number; readonly tiles: number }; refusal?: string } = {};
    const growthBytes = await peakGrowth(lab.browser, async () => {
      Object.assign(
        outcome,
        await bench.page.evaluate(
          async ([side, picture]) => {
            try {
              await side.run(picture);
            } catch (error) {
              return { refusal: String(error) };
            }
            const { engines = 0, tiles = 0 } = (side as TintypeSide).report();
            return { report: { engines, tiles } };
          },
          [side, picture] as const,
        ),
      );
    });
    if (outcome.refusal !== undefined) return { model, megapixels, refusal: outcome.refusal };
    const surfaces = pixelsOf(megapixels) * PIXEL_BYTES * (1 + scale ** 2);
    return { model, megapixels, ...outcome.report, growthBytes, beyondBytes: growthBytes - surfaces };
  } finally {
    await bench.close();
  }
}

function row(
  { model, megapixels, engines, tiles, growthBytes, beyondBytes, refusal }: Measured,
  all: readonly Measured[],
): string[] {
  const start = [model, String(megapixels), String(engines ?? ''), String(tiles ?? '')];
  if (growthBytes === undefined || beyondBytes === undefined)
    return [...start, 'refused', (refusal ?? '').slice(0, 80), ''];
  return [...start, mebibytes(growthBytes), mebibytes(beyondBytes), flatness(model, megapixels, beyondBytes, all)];
}

/** Said once per model, of its largest picture against the smallest that keeps every engine at work on full tiles. */
function flatness(model: string, megapixels: number, beyondBytes: number, all: readonly Measured[]): string {
  const sizes = all.filter((one) => one.model === model && one.beyondBytes !== undefined);
  const base = sizes.find((one) => one.megapixels === 3);
  if (base?.beyondBytes === undefined || megapixels <= 3) return '';
  const grown = Math.round((beyondBytes - base.beyondBytes) / MEBIBYTE);
  const words = `${grown >= 0 ? '+' : ''}${grown} MiB over 3 MP`;
  return grown <= FLAT_MIB
    ? `target +${FLAT_MIB}: met, ${words}`
    : `target +${FLAT_MIB}: missed by ${grown - FLAT_MIB}, ${words}`;
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / MEBIBYTE));
}
