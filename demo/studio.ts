import type { InferenceClient } from 'tintype';
import { type Catalogue, createCatalogue } from './catalogue.js';
import { type Beside, type CompareView, createCompareView } from './compare-view.js';
import { createDeviceControl, type DeviceControl } from './device-choice.js';
import { createEditMode } from './edit/edit-mode.js';
import { createEnlargeMode } from './enlarge-mode.js';
import { createHosting, type Hosting } from './hosting/hosting.js';
import { hurdleOf } from './hurdle.js';
import type { FinishedRun, Mode } from './mode.js';
import { createModeSwitch, type ModeName } from './mode-switch.js';
import { createOutputForm, type OutputForm } from './output-choices.js';
import { byId } from './page-elements.js';
import { listenForPictures, type SourcePicture } from './picture-source.js';
import { createProblemTeller, type ProblemTeller } from './problems.js';
import { createProgressLine } from './progress-line.js';
import { createResultPanel, type ResultPanel } from './result-actions.js';
import { createRunner, type Runner, type RunPlan } from './runner.js';
import { createSamples, type Samples } from './samples.js';
import { bringIntoView, hidePlan, openViewer, showPlan } from './stage.js';
import { createStatusLine, type StatusLine } from './status-line.js';

/** Arrow keys walk through radio buttons; a run begins when they rest. */
const SETTLE_MS = 120;

const CONTROL_KEY = /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘' : 'Ctrl';

/** What the page needs of the library. */
export type StudioClient = Pick<InferenceClient, 'estimate' | 'imageToImage' | 'models' | 'storage' | 'dispose'>;

/** `auto` runs if it is quick, `asked` in any case; `later` only makes ready, and so does `as-input`, for a result. */
type Eagerness = 'auto' | 'asked' | 'later' | 'as-input';

/** The page: one picture, one run at a time, and the mode that says what a run does. */
export class Studio {
  readonly #client: StudioClient;
  readonly #view: CompareView = createCompareView();
  readonly #status: StatusLine = createStatusLine();
  readonly #runButton = byId('run', HTMLButtonElement);
  readonly #devices: DeviceControl;
  readonly #tellProblem: ProblemTeller;
  readonly #output: OutputForm;
  readonly #result: ResultPanel;
  readonly #samples: Samples;
  readonly #hosting: Hosting;
  readonly #runner: Runner;
  readonly #catalogue: Catalogue;
  readonly #modes: Readonly<Record<ModeName, Mode>>;
  #mode: Mode;
  /** What is on the stage. */
  #picture: SourcePicture | undefined;
  /** Chosen, but not on the stage yet: its header is still being read. A control that is changed meanwhile must not lose it. */
  #pending: SourcePicture | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Counts the plans that were asked for without a run: only the newest is shown. */
  #forecasts = 0;

  constructor(client: StudioClient) {
    this.#client = client;
    const onChoice = () => this.#choiceChanged();
    this.#devices = createDeviceControl(onChoice);
    this.#tellProblem = createProblemTeller(this.#status, this.#devices);
    this.#output = createOutputForm(onChoice);
    this.#result = createResultPanel({
      onUseAsInput: (picture) => this.#choose(picture, 'as-input'),
      onNews: this.#status.say,
    });
    this.#samples = createSamples((picture) => this.#choose(picture), this.#tellProblem);
    const progress = createProgressLine(() => this.#cancel(), this.#status.announce);
    // Not `disabled`: the keyboard's place in the page would be lost with it.
    const onBusy = (isBusy: boolean) => this.#runButton.setAttribute('aria-disabled', String(isBusy));
    this.#hosting = createHosting(() => void this.#forecast());
    this.#runner = createRunner(client, { view: this.#view, progress, hosting: this.#hosting, onBusy });
    this.#catalogue = createCatalogue(client, {
      onModels: (models) => {
        for (const mode of Object.values(this.#modes)) mode.update(models);
      },
      onProblem: this.#tellProblem,
      announce: this.#status.announce,
    });
    this.#modes = {
      enlarge: createEnlargeMode({ onChoice, onRemove: this.#catalogue.remove }),
      edit: createEditMode({
        brushing: this.#view.brushing,
        onChoice,
        onRemove: this.#catalogue.remove,
        run: () => this.#ask('auto'),
        look: (run, beside) => this.#look(run, beside),
        showOriginal: () => this.#showOriginal(),
        announce: this.#status.announce,
      }),
    };
    this.#mode = this.#modes[createModeSwitch((name) => this.#switchTo(name)).chosen()];
  }

  /** Begins to listen to the visitor. */
  open(): void {
    for (const mode of Object.values(this.#modes)) mode.show(mode === this.#mode);
    for (const key of document.querySelectorAll('.control-key')) key.textContent = CONTROL_KEY;
    listenForPictures({
      onPicture: (chosen) => this.#choose(chosen),
      onNothingUsable: (what) => {
        const text = `${what} Choose a picture file.`;
        this.#status.showProblem({ title: 'No picture there', text, retryable: false });
      },
    });
    const form = byId('choices', HTMLFormElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.#submit();
      }
    });
    // A tab that goes away for good gives its workers back at once; one kept for the Back button is as it was.
    window.addEventListener('pagehide', ({ persisted }) => {
      if (!persisted) void this.#client.dispose();
    });
    this.#openCatalogue();
  }

  #submit(): void {
    if (this.#runButton.getAttribute('aria-disabled') !== 'true') this.#ask('asked');
  }

  #ask(eagerness: Eagerness): void {
    if (!this.#mode.isValid()) this.#mode.complain();
    else if (this.#pending ?? this.#picture) this.#begin(eagerness);
    else this.#status.say('Choose a picture first.');
  }

  #choose(chosen: SourcePicture, eagerness: Eagerness = this.#mode.isEager ? 'auto' : 'later'): void {
    // Whatever was about to begin, or on its way, was wished before.
    clearTimeout(this.#settling);
    this.#samples.stop();
    this.#pending = chosen;
    void this.#start(chosen, eagerness);
  }

  #begin(eagerness: Eagerness): void {
    clearTimeout(this.#settling);
    const wished = this.#pending ?? this.#picture;
    if (wished) void this.#start(wished, eagerness);
  }

  #choiceChanged(): void {
    clearTimeout(this.#settling);
    if (!this.#mode.isEager) {
      void this.#forecast();
      return;
    }
    this.#runner.stop();
    // What was asked for is not what this result is any more.
    this.#hideResult();
    if (this.#mode.isValid()) {
      this.#settling = setTimeout(() => this.#begin('auto'), SETTLE_MS);
      return;
    }
    this.#view.abandon();
    this.#status.clear();
    hidePlan();
    if (this.#picture) this.#status.say('That exact size cannot be used: whole pixels from 1 to 16384, or empty.');
  }

  /** The picture stays, and so does a result; what was running was of the other mode. */
  #switchTo(name: ModeName): void {
    clearTimeout(this.#settling);
    this.#mode.show(false);
    this.#mode = this.#modes[name];
    this.#mode.show(true);
    this.#runner.stop();
    if (!this.#result.isShown()) {
      this.#view.abandon();
      this.#status.clear();
      if (this.#picture) this.#status.say(this.#mode.invitation());
    }
    if (this.#pending) this.#choose(this.#pending);
    else void this.#forecast();
  }

  #cancel(): void {
    this.#runner.stop();
    this.#status.say('Cancelled. Press Run to begin again.');
  }

  /** Looks at a picture by its header, puts it on the stage if it is one, and runs the chosen model on it. */
  async #start(chosen: SourcePicture, eagerness: Eagerness): Promise<void> {
    const mode = this.#mode;
    const signal = this.#runner.next();
    try {
      await this.#catalogue.load();
      if (signal.aborted) return;
      const plan = await this.#plan(chosen);
      if (signal.aborted) return;
      this.#pending = undefined;
      if (chosen !== this.#picture) this.#enter(chosen, plan);
      this.#status.clear();
      this.#showPlan(plan);
      const hurdle = this.#hosting.hurdle() ?? hurdleOf(plan.estimate, this.#devices.isSlow());
      if (eagerness !== 'asked' && (eagerness !== 'auto' || hurdle)) return this.#waitForRun(eagerness, hurdle);
      this.#hideResult();
      mode.runBegins();
      // There is something to watch, and the run was asked for.
      if (!mode.isEager) bringIntoView();
      const run = { ...(await this.#runner.run(plan, signal)), source: chosen, plan };
      if (signal.aborted) return;
      mode.runFinished(run);
      this.#showResult(run, mode);
      bringIntoView();
      this.#catalogue.refresh();
    } catch (caught) {
      if (!signal.aborted) this.#failed(caught, chosen, eagerness);
    } finally {
      this.#runner.finished(signal);
    }
  }

  #plan(chosen: SourcePicture): Promise<RunPlan> {
    const wish = this.#mode.wish(chosen !== this.#picture);
    return this.#runner.plan(chosen, wish, { device: this.#devices.chosen(), output: this.#output.read() });
  }

  #showPlan(plan: RunPlan): void {
    this.#forecasts++;
    this.#mode.planned(plan);
    showPlan(plan, this.#hosting.hurdle());
  }

  /** Tells what a run would give and cost, and runs nothing. A problem is kept for the run itself to tell. */
  async #forecast(): Promise<void> {
    const picture = this.#picture;
    if (picture === undefined || this.#runner.isBusy()) return;
    const asked = ++this.#forecasts;
    const plan = await this.#catalogue
      .load()
      .then(() => this.#plan(picture))
      .catch(() => undefined);
    if (asked !== this.#forecasts || picture !== this.#picture || this.#runner.isBusy()) return;
    if (plan === undefined) hidePlan();
    else this.#showPlan(plan);
  }

  /** A chosen picture comes onto the stage, and the person is taken there. */
  #enter(chosen: SourcePicture, plan: RunPlan): void {
    openViewer();
    this.#samples.moveTo('controls');
    this.#runButton.disabled = false;
    byId('stage', HTMLElement).focus({ preventScroll: true });
    bringIntoView();
    this.#take(chosen, plan);
  }

  #take(chosen: SourcePicture, plan: RunPlan): void {
    this.#picture = chosen;
    this.#hideResult();
    for (const mode of Object.values(this.#modes)) mode.pictureChanged(plan.inputSize);
    this.#view.showOriginal(chosen.blob, plan.estimate.output);
    byId('picture-name', HTMLElement).textContent = chosen.name;
  }

  #showResult(run: FinishedRun, mode: Mode): void {
    this.#result.show({ run, words: mode.describe(run) });
  }

  /** An earlier result, with the picture that it was made from. */
  #look(run: FinishedRun, beside?: Beside): void {
    clearTimeout(this.#settling);
    this.#samples.stop();
    this.#pending = undefined;
    this.#runner.stop();
    if (run.source !== this.#picture) this.#take(run.source, run.plan);
    this.#status.clear();
    void this.#view.showResult(run.blob, run.size, beside);
    this.#showResult(run, this.#mode);
    void this.#forecast();
  }

  /** The picture alone, without a result over it. */
  #showOriginal(): void {
    this.#runner.stop();
    this.#hideResult();
    this.#view.abandon();
    this.#status.clear();
  }

  #hideResult(): void {
    this.#result.hide();
    for (const mode of Object.values(this.#modes)) mode.resultGone();
  }

  #waitForRun(eagerness: Eagerness, hurdle: string | undefined): void {
    this.#hideResult();
    this.#view.abandon();
    const news = eagerness === 'as-input' ? 'The result is now the picture. ' : '';
    this.#status.say(news + (hurdle === undefined ? this.#mode.invitation() : `${hurdle} Press Run to begin.`));
  }

  #failed(caught: unknown, chosen: SourcePicture, eagerness: Eagerness): void {
    this.#pending = undefined;
    if (chosen === this.#picture) this.#showOriginal();
    // What was only to be made ready is not run by a second try.
    const again = eagerness === 'auto' ? 'asked' : eagerness;
    this.#tellProblem(caught, () => this.#choose(chosen, again), chosen.name);
  }

  #openCatalogue(): void {
    this.#catalogue.load().catch((caught: unknown) => this.#tellProblem(caught, () => this.#openCatalogue()));
  }
}
