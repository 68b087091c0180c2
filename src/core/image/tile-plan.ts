import type { TileRule } from '../../contract/manifest.js';

/** One cut of a picture. All lengths in input pixels. */
export interface Tile {
  /** Place in {@link TilePlan.tiles}: row by row, from the left. */
  readonly index: number;
  /** What the model is given. Reaches beyond the picture on the right or bottom only up to the next `rule.multiple`. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The part of the tile that is kept, in the picture's coordinates. All kept parts cover the picture exactly once. */
  readonly keep: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** How a picture is cut. All tiles have one shape. */
export interface TilePlan {
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
  readonly tiles: readonly Tile[];
  /** Pixels computed over pixels in the picture; 1 when nothing is computed twice. */
  readonly overhead: number;
}

/** What a plan has to respect. */
export interface TilePlanOptions {
  /** Size of the picture in pixels, at least 1. */
  readonly width: number;
  readonly height: number;
  readonly rule: TileRule;
  /** Pixels of one tile, at most; exceeded only where {@link minTileSide} squared is more. */
  readonly maxTilePixels: number;
  /** Longest side of a tile in pixels; raised to {@link minTileSide} where it is less. */
  readonly maxSidePx: number;
  /** The only sides that tiles may have, as far as `maxSidePx` and the picture allow them; any, where left out. */
  readonly sidesPx?: readonly number[];
  /** Workers that share the tiles; the plan keeps the longest share short. At least 1. */
  readonly engines: number;
}

/** A tile keeps at least this much of a side, whatever the limits say: else a tiny limit means millions of tiles. */
const MIN_KEEP_PX = 32;

/**
 * Tiles are not made smaller than this only to give more engines work: hops and borders would cost more than they win.
 */
const MIN_SHARED_SIDE_PX = 96;

/** To give more engines work, at most this many pixels are computed per pixel of the picture... */
const MAX_SHARED_OVERHEAD = 1.5;

/** ...or this times the least that the limits allow, where the limits alone force more than that. */
const MAX_SHARED_GROWTH = 1.25;

/**
 * Cuts a picture into tiles of one shape. Border tiles are moved inward, never padded, so that the network's own zero
 * padding falls on the picture's edge (with `rule.multiple` above 1: on the edge of the picture extended to that
 * multiple). Two neighbours meet where both have at least `rule.overlapPx` of context.
 *
 * Among all grids within the limits it takes the one with the shortest longest share, `ceil(tiles / engines)` tiles; then
 * the fewest computed pixels; then the fewest tiles. Grids that only give more engines work are left out when their
 * tiles are below 96 px or compute more than 1.5 times the picture; so a picture that fits one tile runs whole unless
 * cutting it saves at least a quarter of the time.
 * @throws RangeError if a length is not a positive whole number: a programming error, never a user's picture.
 */
export function planTiles(options: TilePlanOptions): TilePlan {
  const { width, height, rule } = options;
  for (const [name, value] of Object.entries({ width, height, multiple: rule.multiple })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive whole number, not ${value}.`);
  }
  const acrossX = listCuts(width, options);
  const acrossY = listCuts(height, options);
  const { across, down } = chooseGrid(acrossX, acrossY, options);
  const columns = placeTiles(across, width, rule);
  const rows = placeTiles(down, height, rule);
  const tiles: Tile[] = [];
  for (const row of rows) {
    for (const column of columns) {
      tiles.push({
        index: tiles.length,
        x: column.from,
        y: row.from,
        width: across.side,
        height: down.side,
        keep: { x: column.keepFrom, y: row.keepFrom, width: column.keepLength, height: row.keepLength },
      });
    }
  }
  return {
    tileWidth: across.side,
    tileHeight: down.side,
    columns: across.count,
    rows: down.count,
    tiles,
    overhead: (tiles.length * across.side * down.side) / (width * height),
  };
}

/**
 * The smallest side a cut tile can have, in input pixels: the overlap on both sides and as much again to keep, at least
 * 32 px. Below that most of the work would be thrown away.
 */
export function minTileSide(rule: TileRule): number {
  const lost = lostPx(rule);
  return lost + roundUp(Math.max(lost, MIN_KEEP_PX), rule.multiple);
}

/** A cut of one axis: `count` tiles of `side` pixels each. */
interface Cut {
  readonly side: number;
  readonly count: number;
}

/** What two neighbours share at least: both overlaps, so that tiles can stand on multiples. */
function lostPx(rule: TileRule): number {
  return roundUp(2 * Math.max(0, Math.ceil(rule.overlapPx)), rule.multiple);
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * All cuts of one axis worth a look: per number of tiles the shortest side that still covers, sides falling. Numbers
 * that need the same side as a smaller one are skipped, which leaves about `2 * sqrt(length)` cuts.
 */
function listCuts(length: number, { rule, maxSidePx, sidesPx }: TilePlanOptions): Cut[] {
  const { multiple } = rule;
  const lost = lostPx(rule);
  const extended = roundUp(length, multiple);
  const shortest = Math.min(extended, minTileSide(rule));
  const longest = Math.max(shortest, Math.floor(maxSidePx / multiple) * multiple || 0);
  const countFor = (side: number) => (side >= extended ? 1 : 1 + Math.ceil((extended - side) / (side - lost)));
  if (sidesPx) return fixedCuts(sidesPx, { shortest, longest, extended, multiple }, countFor);
  const cuts: Cut[] = [];
  let count = countFor(longest);
  for (;;) {
    const side = Math.max(shortest, roundUp((extended + (count - 1) * lost) / count, multiple));
    cuts.push({ side, count: countFor(side) });
    if (side === shortest) return cuts;
    count = Math.max(count + 1, countFor(side - multiple));
  }
}

/** The cuts with the given sides; with the longest that is allowed where all of them are too long. */
function fixedCuts(
  sidesPx: readonly number[],
  limits: { readonly shortest: number; readonly longest: number; readonly extended: number; readonly multiple: number },
  countFor: (side: number) => number,
): Cut[] {
  const { shortest, longest, extended, multiple } = limits;
  const allowed = sidesPx.map((side) => roundUp(side, multiple)).filter((side) => side <= longest);
  const sides = (allowed.length > 0 ? allowed : [longest]).map((side) => Math.min(extended, Math.max(shortest, side)));
  return [...new Set(sides)].sort((a, b) => b - a).map((side) => ({ side, count: countFor(side) }));
}

interface Grid {
  readonly across: Cut;
  readonly down: Cut;
}

function chooseGrid(cutsX: readonly Cut[], cutsY: readonly Cut[], options: TilePlanOptions): Grid {
  const { width, height, rule, maxTilePixels } = options;
  const engines = Math.max(1, Math.floor(options.engines) || 1);
  // Where even the smallest tile exceeds the limit, it is taken all the same.
  const smallest: Grid = { across: cutsX.at(-1)!, down: cutsY.at(-1)! };
  const maxPixels = Math.max(maxTilePixels || 0, smallest.across.side * smallest.down.side);

  const least = findBest(cutsX, cutsY, (across, down) => {
    const pixels = across.side * down.side;
    if (pixels > maxPixels) return undefined;
    return [pixels * across.count * down.count, across.count * down.count, 0];
  })!;
  if (engines === 1) return least;

  const extendedPixels = roundUp(width, rule.multiple) * roundUp(height, rule.multiple);
  const leastPixels = least.across.side * least.down.side * least.across.count * least.down.count;
  const maxComputed = Math.max(MAX_SHARED_OVERHEAD * extendedPixels, MAX_SHARED_GROWTH * leastPixels);
  const minAcross = Math.min(MIN_SHARED_SIDE_PX, least.across.side);
  const minDown = Math.min(MIN_SHARED_SIDE_PX, least.down.side);
  return findBest(cutsX, cutsY, (across, down) => {
    const pixels = across.side * down.side;
    const count = across.count * down.count;
    if (pixels > maxPixels || pixels * count > maxComputed) return undefined;
    if (across.side < minAcross || down.side < minDown) return undefined;
    return [Math.ceil(count / engines) * pixels, pixels * count, count];
  })!;
}

/** The grid whose three numbers are least, the first deciding first; grids without numbers are left out. */
function findBest(
  cutsX: readonly Cut[],
  cutsY: readonly Cut[],
  rate: (across: Cut, down: Cut) => readonly [number, number, number] | undefined,
): Grid | undefined {
  let best: Grid | undefined;
  let least: readonly [number, number, number] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const down of cutsY) {
    for (const across of cutsX) {
      const rating = rate(across, down);
      if (rating && isLess(rating, least)) {
        best = { across, down };
        least = rating;
      }
    }
  }
  return best;
}

function isLess(a: readonly [number, number, number], b: readonly [number, number, number]): boolean {
  if (a[0] !== b[0]) return a[0] < b[0];
  if (a[1] !== b[1]) return a[1] < b[1];
  return a[2] < b[2];
}

interface Span {
  readonly from: number;
  readonly keepFrom: number;
  readonly keepLength: number;
}

/** Spreads the tiles of one axis evenly from edge to edge; neighbours meet in the middle of what they share. */
function placeTiles(cut: Cut, length: number, { multiple }: TileRule): Span[] {
  const steps = (roundUp(length, multiple) - cut.side) / multiple;
  const positionOf = (index: number) => (index === 0 ? 0 : Math.floor((index * steps) / (cut.count - 1)) * multiple);
  const spans: Span[] = [];
  let keepFrom = 0;
  for (let index = 0; index < cut.count; index++) {
    const from = positionOf(index);
    const last = index === cut.count - 1;
    const keepTo = last ? length : Math.floor((positionOf(index + 1) + from + cut.side) / 2);
    spans.push({ from, keepFrom, keepLength: keepTo - keepFrom });
    keepFrom = keepTo;
  }
  return spans;
}
