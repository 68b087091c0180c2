import { InferenceClient } from 'tintype';
import { adapterInWords, findGraphicsAdapter, type GraphicsAdapter } from '../graphics-adapter.js';
import { byId } from '../page-elements.js';
import { problemInWords } from '../problem-words.js';
import { createProgressLine } from '../progress-line.js';
import { createStatusLine } from '../status-line.js';
import { counted, spanInWords } from '../words.js';
import { createModelChecks, type ModelChecks } from './model-checks.js';
import { type BenchmarkModel, expectedSeconds, type Measurement, planMeasurements } from './plan.js';
import { createResultsActions } from './results-actions.js';
import { type ResultRow, resultsDocument } from './results-document.js';
import { createResultsTable } from './results-table.js';
import { runSession } from './session.js';

const isQuick = new URLSearchParams(location.search).has('quick');
const cores = navigator.hardwareConcurrency;
const runButton = byId('run', HTMLButtonElement);
const status = createStatusLine();
const progress = createProgressLine(() => running?.abort(), status.announce);
const table = createResultsTable();
const actions = createResultsActions(status.say);
let running: AbortController | undefined;

byId('about-full', HTMLElement).hidden = isQuick;
byId('about-quick', HTMLElement).hidden = !isQuick;
void open();

async function open(): Promise<void> {
  try {
    const [adapter, models] = await Promise.all([findGraphicsAdapter(), readModels()]);
    byId('fact-cores', HTMLElement).textContent = String(cores);
    byId('fact-adapter', HTMLElement).textContent = adapterInWords(adapter);
    byId('fact-isolated', HTMLElement).textContent = crossOriginIsolated ? 'yes' : 'no';
    const checks = createModelChecks(models, () => showPlan(planFor(checks, adapter)));
    showPlan(planFor(checks, adapter));
    byId('choices', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (runButton.getAttribute('aria-disabled') === 'true') return;
      const plan = planFor(checks, adapter);
      if (plan.length > 0) void run(plan, adapter);
      else checks.focus();
    });
    runButton.disabled = false;
  } catch (caught) {
    status.showProblem(problemInWords(caught), { label: 'Try again', run: () => void open() });
  }
}

/** The catalogue with what each model costs, less those that work in steps: they have no time per pixel. Fetches no weights. */
async function readModels(): Promise<readonly BenchmarkModel[]> {
  const client = new InferenceClient();
  try {
    const infos = await client.models.list();
    const models = await Promise.all(
      infos.map(async ({ task, ...info }): Promise<BenchmarkModel | undefined> => {
        const manifest = await client.models.get(info.id);
        if (manifest.pipeline !== 'feed-forward' || task === 'prompted-editing') return undefined;
        return { ...info, task, macsPerPixel: manifest.macsPerPixel };
      }),
    );
    return models.filter((model) => model !== undefined);
  } finally {
    await client.dispose();
  }
}

function planFor(checks: ModelChecks, adapter: GraphicsAdapter): readonly Measurement[] {
  return planMeasurements({ models: checks.chosen(), adapter: adapter.state, cores, isQuick });
}

function showPlan(plan: readonly Measurement[]): void {
  const seconds = plan.reduce((sum, measurement) => sum + expectedSeconds(measurement), 0);
  // To the next ten seconds: a guess should not look like a measurement.
  const span = spanInWords(Math.ceil(seconds / 10) * 10_000);
  byId('estimate', HTMLElement).textContent =
    plan.length === 0 ? 'Choose at least one network.' : `${counted(plan.length, 'measurement')}, about ${span}.`;
}

async function run(plan: readonly Measurement[], adapter: GraphicsAdapter): Promise<void> {
  running = new AbortController();
  const { signal } = running;
  const rows: ResultRow[] = plan.map((measurement) => ({ measurement, state: { state: 'waiting' } }));
  const surroundings = { adapter, cores, isQuick, date: new Date() };
  const update = () => actions.update(resultsDocument(rows, surroundings));
  // Not `disabled`: the keyboard's place in the page would be lost with it.
  runButton.setAttribute('aria-disabled', 'true');
  status.clear();
  table.begin(plan);
  update();
  progress.begin();
  await runSession(plan, signal, {
    onProgress: (step) => !signal.aborted && progress.show(step),
    onRow(index, state) {
      const { measurement } = rows[index] ?? {};
      if (measurement === undefined) return;
      rows[index] = { measurement, state };
      table.show(index, measurement, state);
      update();
    },
  });
  progress.end();
  runButton.setAttribute('aria-disabled', 'false');
  running = undefined;
  status.say(outcomeInWords(rows, signal.aborted));
}

function outcomeInWords(rows: readonly ResultRow[], wasCancelled: boolean): string {
  const count = (wished: string) => rows.filter(({ state }) => state.state === wished).length;
  const done = `${count('done')} of ${counted(rows.length, 'measurement')}`;
  if (wasCancelled) return `Cancelled after ${done}. What was measured is kept until the next run.`;
  return count('failed') === 0 ? `Done: ${done}.` : `Done: ${done}; the others failed, their rows say why.`;
}
