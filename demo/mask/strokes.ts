/** A place in the picture, in its pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One movement of the brush, from where it was put down to where it was lifted. */
export interface Stroke {
  /** Whether it takes away what was painted. */
  readonly isErasing: boolean;
  /** In pixels of the picture. */
  readonly radius: number;
  /** Never empty. */
  readonly points: readonly [Point, ...Point[]];
}

/** What was painted, as it can be undone: every item is a stroke, or `clear`, which takes away all before it. */
export type Painting = readonly (Stroke | 'clear')[];

/** Puts the brush down. */
export function putDown(painting: Painting, stroke: Omit<Stroke, 'points'>, at: Point): Painting {
  return [...painting, { ...stroke, points: [at] }];
}

/** Moves the brush that is down. */
export function moveTo(painting: Painting, to: Point): Painting {
  const last = painting.at(-1);
  if (last === undefined || last === 'clear') return painting;
  return [...painting.slice(0, -1), { ...last, points: [...last.points, to] }];
}

/** Takes the last stroke back, or the last clearing. */
export function undo(painting: Painting): Painting {
  return painting.slice(0, -1);
}

/** Takes everything away; without effect where there is nothing. */
export function clear(painting: Painting): Painting {
  return visibleStrokes(painting).length === 0 ? painting : [...painting, 'clear'];
}

/** What is to be drawn, in this order. An eraser with nothing below it is left out. */
export function visibleStrokes(painting: Painting): readonly Stroke[] {
  const since = painting.slice(painting.lastIndexOf('clear') + 1).filter((item) => item !== 'clear');
  const first = since.findIndex(({ isErasing }) => !isErasing);
  return first === -1 ? [] : since.slice(first);
}
