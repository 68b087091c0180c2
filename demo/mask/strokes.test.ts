import { describe, expect, it } from 'vitest';
import { clear, moveTo, type Painting, putDown, undo, visibleStrokes } from './strokes.js';

const brush = { isErasing: false, radius: 10 } as const;
const eraser = { isErasing: true, radius: 10 } as const;

describe('a painting', () => {
  it('is made of strokes, each undone as a whole', () => {
    const one = moveTo(putDown([], brush, { x: 1, y: 2 }), { x: 3, y: 4 });
    const two = moveTo(putDown(one, eraser, { x: 5, y: 6 }), { x: 7, y: 8 });
    expect(visibleStrokes(two)).toEqual([
      {
        ...brush,
        points: [
          { x: 1, y: 2 },
          { x: 3, y: 4 },
        ],
      },
      {
        ...eraser,
        points: [
          { x: 5, y: 6 },
          { x: 7, y: 8 },
        ],
      },
    ]);
    expect(undo(two)).toEqual(one);
    expect(undo(undo(undo(two)))).toEqual([]);
  });

  it('can be cleared, and that undone', () => {
    const painted = putDown([], brush, { x: 1, y: 2 });
    const cleared = clear(painted);
    expect(visibleStrokes(cleared)).toEqual([]);
    expect(visibleStrokes(putDown(cleared, brush, { x: 3, y: 4 }))).toHaveLength(1);
    expect(undo(cleared)).toEqual(painted);
  });

  it('does not remember that nothing was cleared', () => {
    const nothing: Painting = [];
    expect(clear(nothing)).toBe(nothing);
    const cleared = clear(putDown([], brush, { x: 1, y: 2 }));
    expect(clear(cleared)).toBe(cleared);
  });

  it('is empty where only the eraser was used', () => {
    expect(visibleStrokes(putDown([], eraser, { x: 1, y: 2 }))).toEqual([]);
  });

  it('is not moved while the brush is up', () => {
    const cleared = clear(putDown([], brush, { x: 1, y: 2 }));
    expect(moveTo(cleared, { x: 3, y: 4 })).toBe(cleared);
  });
});
