import { expect, test } from 'vitest';
import { joinNegative } from './negative-prompt.js';

test.each([
  [undefined, ''],
  ['', ''],
  ['blurry, dark', 'blurry, dark'],
  // A text is taken as it is.
  [' blurry ', ' blurry '],
  [[], ''],
  [['blurry'], 'blurry'],
  [['blurry', ' dark ', '', '  ', 'red'], 'blurry, dark, red'],
])('negative_prompt %j means %j', (negative, text) => {
  expect(joinNegative(negative)).toBe(text);
});
