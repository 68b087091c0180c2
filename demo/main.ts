import { InferenceClient, type ModelInfo } from 'tintype';
import { createCompareView } from './compare-view.js';
import { createDeviceControl } from './device-choice.js';
import { createModelPicker } from './model-picker.js';
import { createOutputForm } from './output-choices.js';
import { byId, hideAround, make } from './page-elements.js';
import { listenForPictures, type SourcePicture } from './picture-source.js';
import { createProgressLine } from './progress-line.js';
import { createResultPanel } from './result-actions.js';
import { createRunner, type RunPlan } from './runner.js';
import { createSamples } from './samples.js';
import { createStatusLine, type ProblemAction } from './status-line.js';
import { bytesInWords, megapixelsInWords, type Problem, problemInWords, sizeInWords, workInWords } from './words.js';

/** A run that needs more than this of anything waits to be asked for. */
const AUTO_RUN = { seconds: 20, outputPixels: 40_000_000, peakBytes: 1_000_000_000 } as const;
/** Arrow keys walk through radio buttons; a run begins when they rest. */
const SETTLE_MS = 120;

const client = new InferenceClient(undefined, { idleMs: 60_000 });
const view = createCompareView();
const status = createStatusLine();
const progress = createProgressLine(cancel, status.announce);
const picker = createModelPicker({ onChoice: beginWhenSettled, onRemove: (model) => void removeModel(model) });
const output = createOutputForm(beginWhenSettled);
const devices = createDeviceControl(beginWhenSettled);
const result = createResultPanel({ onUseAsInput: (chosen) => choose(chosen, 'asked-later'), onNews: status.say });
const samples = createSamples((picture) => choose(picture, 'auto'), showProblem);
const runButton = byId('run', HTMLButtonElement);
const runner = createRunner(client, {
  view,
  progress,
  onBusy: (isBusy) => {
    // Not `disabled`: the keyboard's place in the page would be lost with it.
    runButton.setAttribute('aria-disabled', String(isBusy));
  },
});

/** What is on the stage. */
let picture: SourcePicture | undefined;
/** Chosen, but not on the stage yet: its header is still being read. A control that is changed meanwhile must not lose it. */
let pending: SourcePicture | undefined;
let settling: ReturnType<typeof setTimeout> | undefined;
let catalogue: Promise<void> | undefined;

/** `auto` runs if it is quick, `asked` in any case; `asked-later` only makes ready. */
type Eagerness = 'auto' | 'asked' | 'asked-later';

listenForPictures({
  onPicture: (chosen) => choose(chosen, 'auto'),
  onNothingUsable: (what) =>
    status.showProblem({ title: 'No picture there', text: `${what} Choose a picture file.`, retryable: false }),
});
byId('choices', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  if (runButton.getAttribute('aria-disabled') === 'true') return;
  if (output.isValid()) begin('asked');
  else output.complain();
});
byId('clear-stored', HTMLButtonElement).addEventListener('click', () => void clearStored());
// A tab that goes away for good gives its workers back at once; one kept for the Back button is as it was.
window.addEventListener('pagehide', ({ persisted }) => {
  if (!persisted) void client.dispose();
});
openCatalogue();

function choose(chosen: SourcePicture, eagerness: Eagerness): void {
  // Whatever was about to begin, or on its way, was wished before.
  clearTimeout(settling);
  samples.stop();
  pending = chosen;
  void start(chosen, eagerness);
}

function begin(eagerness: Eagerness): void {
  clearTimeout(settling);
  const wished = pending ?? picture;
  if (wished) void start(wished, eagerness);
}

function beginWhenSettled(): void {
  clearTimeout(settling);
  runner.stop();
  // What was asked for is not what this result is any more.
  result.hide();
  if (output.isValid()) {
    settling = setTimeout(begin, SETTLE_MS, 'auto');
    return;
  }
  view.abandon();
  status.clear();
  byId('estimate', HTMLElement).textContent = '';
  if (picture) status.say('That exact size cannot be used: whole pixels from 1 to 16384, or empty.');
}

function cancel(): void {
  runner.stop();
  status.say('Cancelled. Press Run to begin again.');
}

/** Looks at a picture by its header, puts it on the stage if it is one, and runs the chosen model on it. */
async function start(chosen: SourcePicture, eagerness: Eagerness): Promise<void> {
  const signal = runner.next();
  try {
    await loadCatalogue();
    const model = picker.chosen();
    if (signal.aborted) return;
    if (model === undefined)
      throw new Error('There is no model in the catalogue. Build the models, then reload the page.');
    const network = { model, device: devices.chosen() };
    const plan = await runner.plan(chosen, network, (own) => output.read(chosen === picture ? own : undefined));
    if (signal.aborted) return;
    pending = undefined;
    if (chosen !== picture) takeStage(chosen, plan);
    status.clear();
    showPlan(plan);
    const hurdle = hurdleOf(plan);
    if (eagerness === 'asked-later' || (eagerness === 'auto' && hurdle)) return waitForRun(hurdle);
    result.hide();
    const done = await runner.run(plan, signal);
    if (signal.aborted) return;
    result.show({ ...done, sourceName: chosen.name });
    bringIntoView();
    showStored();
  } catch (caught) {
    if (signal.aborted) return;
    pending = undefined;
    if (chosen === picture) {
      result.hide();
      status.clear();
      view.abandon();
    }
    showProblem(caught, () => choose(chosen, 'asked'), chosen.name);
  } finally {
    runner.finished(signal);
  }
}

function takeStage(chosen: SourcePicture, plan: RunPlan): void {
  picture = chosen;
  byId('empty', HTMLElement).hidden = true;
  byId('viewer', HTMLElement).hidden = false;
  samples.moveTo('controls');
  runButton.disabled = false;
  byId('stage', HTMLElement).focus({ preventScroll: true });
  bringIntoView();
  result.hide();
  output.clearTarget();
  view.showOriginal(chosen.blob, plan.estimate.output);
  byId('picture-name', HTMLElement).textContent = chosen.name;
}

/** On a narrow screen the picture may be scrolled away by the controls below it. */
function bringIntoView(): void {
  const stage = byId('stage', HTMLElement);
  const mat = byId('mat', HTMLElement).getBoundingClientRect();
  if (mat.bottom > mat.height / 3 && mat.top < innerHeight - mat.height / 3) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  stage.scrollIntoView({ block: 'start', behavior: calm ? 'instant' : 'smooth' });
}

function showPlan({ estimate, own, inputSize }: RunPlan): void {
  output.suggest(own);
  byId('picture-size', HTMLElement).textContent = `${sizeInWords(inputSize)} px`;
  const facts = [
    `Gives ${sizeInWords(estimate.output)} px`,
    `after ${workInWords(estimate.seconds * 1000)},`,
    `with ${bytesInWords(estimate.peakBytes)} of memory.`,
  ];
  const spans = facts.flatMap((fact) => [make('span', { class: 'nowrap' }, fact), ' ']);
  byId('estimate', HTMLElement).replaceChildren(...spans);
}

/** Why a run should not begin by itself, in words; undefined if it may. */
function hurdleOf({ estimate: { seconds, basis, output, peakBytes } }: RunPlan): string | undefined {
  const pixels = output.width * output.height;
  if (seconds > AUTO_RUN.seconds || pixels > AUTO_RUN.outputPixels || peakBytes > AUTO_RUN.peakBytes) {
    return `This would give ${megapixelsInWords(pixels)}, after ${workInWords(seconds * 1000)}, with ${bytesInWords(peakBytes)} of memory.`;
  }
  // Once it was measured, the seconds above tell.
  if (basis === 'assumed' && devices.isSlow()) {
    return 'The graphics adapter is emulated in software here: this may take many minutes.';
  }
  return undefined;
}

function waitForRun(hurdle: string | undefined): void {
  result.hide();
  view.abandon();
  status.say(
    hurdle === undefined
      ? 'The result is now the picture. Choose what to do with it, or press Run.'
      : `${hurdle} Press Run to begin.`,
  );
}

/**
 * @param retry What failed, once more; offered only if that may help.
 * @param name Of the picture's file.
 */
function showProblem(caught: unknown, retry?: () => void, name?: string): void {
  const problem = problemInWords(caught, name);
  status.showProblem(problem, retry && remedyFor(problem, retry));
}

function remedyFor({ retryable, isOfDevice }: Problem, retry: () => void): ProblemAction | undefined {
  if (isOfDevice) {
    return {
      label: 'Use Automatic',
      run() {
        devices.choose('auto');
        retry();
      },
    };
  }
  return retryable ? { label: 'Try again', run: retry } : undefined;
}

async function removeModel(model: ModelInfo): Promise<void> {
  try {
    await client.storage.remove(model.id);
    await refreshModels();
    status.announce(`${model.id} was removed from this device.`);
  } catch (caught) {
    showProblem(caught, () => void removeModel(model));
  }
}

async function clearStored(): Promise<void> {
  try {
    await client.storage.clear();
    await refreshModels();
    status.announce('All models were removed from this device.');
  } catch (caught) {
    showProblem(caught, () => void clearStored());
  }
}

function openCatalogue(): void {
  loadCatalogue().catch((caught: unknown) => showProblem(caught, openCatalogue));
}

function showStored(): void {
  refreshModels().catch((caught: unknown) => showProblem(caught, showStored));
}

/** A picture may be dropped before the catalogue is there. A failure is not remembered: the next picture asks again. */
function loadCatalogue(): Promise<void> {
  catalogue ??= refreshModels().catch((caught) => {
    catalogue = undefined;
    throw caught;
  });
  return catalogue;
}

async function refreshModels(): Promise<void> {
  const models = await client.models.list();
  picker.update(models);
  const stored = models.filter((model) => model.stored);
  const sum = stored.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  byId('stored-facts', HTMLElement).textContent =
    stored.length === 0
      ? 'No models are stored on this device.'
      : `Models stored on this device: ${bytesInWords(sum)}.`;
  const clear = byId('clear-stored', HTMLButtonElement);
  if (stored.length === 0) hideAround(clear, byId('more-summary', HTMLElement));
  else clear.hidden = false;
}
