import { byId, make } from '../page-elements.js';
import { sizeInWords, spanInWords } from '../words.js';
import { enginesInWords, modelInWords, pictureInWords, placeInWords, threeDigits } from './benchmark-words.js';
import type { Measured } from './measure.js';
import type { Measurement } from './plan.js';
import type { RowState } from './session.js';
import { shareBar } from './share-bar.js';

/** The table of results. Its rows are there from the start, so that nothing moves when one is done. */
export interface ResultsTable {
  begin(plan: readonly Measurement[]): void;
  show(index: number, measurement: Measurement, state: RowState): void;
}

const COLUMNS = ['Engines', 'Tiles', 'Time', 'Megapixels/s', 'Tiles/s', 'Where the time goes'] as const;
const NONE = '–';
/** An empty second line: a row is as high before it is done as after. */
const NO_BREAK = '\u00a0';

/** On a phone the rows become cards by CSS, which may take a table's meaning from it: the roles say it again. */
const ROLES = {
  table: 'table',
  thead: 'rowgroup',
  tbody: 'rowgroup',
  tr: 'row',
  'th[scope="col"]': 'columnheader',
  'th[scope="row"]': 'rowheader',
  td: 'cell',
} as const;

export function createResultsTable(): ResultsTable {
  const body = byId('result-rows', HTMLTableSectionElement);
  giveRoles(byId('results', HTMLElement));
  return {
    begin: (plan) =>
      body.replaceChildren(...plan.map((measurement) => giveRoles(row(measurement, { state: 'waiting' })))),
    show: (index, measurement, state) => body.rows[index]?.replaceWith(giveRoles(row(measurement, state))),
  };
}

function row({ model, picture, place }: Measurement, state: RowState): HTMLTableRowElement {
  return make(
    'tr',
    { 'data-state': state.state },
    make(
      'th',
      { scope: 'row' },
      make('span', { class: 'model-name' }, modelInWords(model)),
      ' ',
      make('code', {}, model.id),
    ),
    cell('Picture', twoLines(pictureInWords(picture), `${sizeInWords(picture)} px`)),
    cell('Device', twoLines(placeInWords(place), enginesInWords(place))),
    ...(state.state === 'failed' ? [problemCell(state.problem)] : numbers(state)),
  );
}

function numbers(state: Exclude<RowState, { state: 'failed' }>): readonly HTMLElement[] {
  const contents =
    state.state === 'done'
      ? measuredContents(state.measured)
      : [NONE, NONE, twoLines(stateInWords(state.state), NO_BREAK)];
  return COLUMNS.map((column, index) => cell(column, contents[index] ?? NONE));
}

function measuredContents(measured: Measured): readonly (Node | string)[] {
  const { engines, tiles, timeMs, megapixelsPerSecond, tilesPerSecond, partsMs } = measured;
  return [
    value(engines, String(engines)),
    value(tiles, String(tiles)),
    twoLines(
      value(timeMs.median, spanInWords(timeMs.median)),
      `${spanInWords(timeMs.low)} to ${spanInWords(timeMs.high)}`,
    ),
    value(megapixelsPerSecond, threeDigits(megapixelsPerSecond)),
    value(tilesPerSecond, threeDigits(tilesPerSecond)),
    shareBar(partsMs),
  ];
}

function stateInWords(state: 'waiting' | 'running' | 'cancelled'): string {
  if (state === 'waiting') return 'Waiting';
  return state === 'running' ? 'Measuring' : 'Cancelled';
}

/** The number as the JSON has it, beside its words. */
function value(exact: number, words: string): HTMLElement {
  return make('data', { value: String(exact) }, words);
}

function twoLines(first: Node | string, second: string): HTMLElement {
  return make('span', {}, first, ' ', make('small', {}, second));
}

function cell(column: string, content: Node | string): HTMLElement {
  return make('td', { 'data-column': column }, content);
}

function problemCell(problem: string): HTMLElement {
  const colspan = String(COLUMNS.length);
  return make('td', { 'data-column': 'Problem', class: 'row-problem', colspan }, problem);
}

function giveRoles<T extends HTMLElement>(around: T): T {
  for (const [selector, role] of Object.entries(ROLES)) {
    for (const element of around.querySelectorAll(selector)) element.setAttribute('role', role);
    if (around.matches(selector)) around.setAttribute('role', role);
  }
  return around;
}
