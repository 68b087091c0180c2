import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { LINEAR_BETAS, readAlphas } from './betas.js';
import { mixOriginal, readPrediction } from './prediction.js';
import { readChoice, readFlag, readNumber, refuseConfig, refuseOptions } from './read-config.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { interpolate, karrasSigmas, LEAST_ALPHA, type SigmaSchedule, sigmasOf, timestepOfSigma } from './sigmas.js';
import { linearSpace, readSpacing, roundHalfEven, trailingTimesteps } from './spacing.js';
import { beginIndex } from './steps-after-strength.js';
import { entryAt, type Term, type Vector, weightedSum } from './vectors.js';

/** Below this many steps the last one is of first order, unless `lower_order_final` is false. */
const FEW_STEPS = 15;

/**
 * DPMSolverMultistepScheduler: DPM-Solver++ of first and second order, also its stochastic form (`sde-dpmsolver++`).
 * @throws ImageToImageError `model-unavailable` if the config asks for what is not supported.
 */
export function createDpmSolverMultistep(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  const { timesteps, sigmas } = dpmSolverSchedule(config, options.steps);
  const solver = readSolver(config, timesteps.length);
  const prediction = readPrediction(config);
  const begin = beginIndex(options);
  let earlier: Vector | undefined;
  return {
    timesteps: timesteps.slice(begin),
    initNoiseSigma: 1,
    scaleModelInput: (sample) => sample,
    addNoise(original, noise, index) {
      const { a, b } = shares(entryAt(sigmas, begin + index));
      return weightedSum([a, original], [b, noise]);
    },
    step(request) {
      const { output, sample } = request;
      const position = begin + request.index;
      const { a, b } = shares(entryAt(sigmas, position));
      const mix = mixOriginal(prediction, a, b);
      const original = weightedSum([mix.sample, sample], [mix.output, output]);
      const factors = stepFactors(solver, sigmas, position, request.index > 0);
      const terms: Term[] = [
        [factors.sample, sample],
        [factors.original, original],
      ];
      if (earlier !== undefined && factors.earlier !== 0) terms.push([factors.earlier, earlier]);
      if (solver.stochastic) terms.push([factors.noise, request.noise()]);
      earlier = original;
      return { sample: weightedSum(...terms), original };
    },
  };
}

/** The whole schedule, before `strength` is applied. It has fewer steps where `lambda_min_clipped` cuts `trailing` ones. */
export function dpmSolverSchedule(config: SchedulerConfig, steps: number): SigmaSchedule {
  refuseOptions(config, ['use_lu_lambdas', 'use_exponential_sigmas', 'use_beta_sigmas', 'use_flow_sigmas']);
  const alphas = readAlphas(config, LINEAR_BETAS);
  if (readFlag(config, 'rescale_betas_zero_snr', false)) alphas[alphas.length - 1] = LEAST_ALPHA;
  const trainSigmas = sigmasOf(alphas);
  const least = entryAt(trainSigmas, 0);
  const final = readChoice(config, 'final_sigmas_type', ['zero', 'sigma_min'], 'zero') === 'zero' ? 0 : least;
  if (readFlag(config, 'use_karras_sigmas', false)) {
    const sigmas = karrasSigmas(entryAt(trainSigmas, trainSigmas.length - 1), least, steps);
    // diffusers rounds these timesteps, save with the cosine schedule, where it cuts them.
    const toWhole = config.beta_schedule === 'squaredcos_cap_v2' ? Math.trunc : roundHalfEven;
    return {
      timesteps: sigmas.map((sigma) => toWhole(timestepOfSigma(sigma, trainSigmas))),
      sigmas: [...sigmas, final],
    };
  }
  const timesteps = plainTimesteps(config, steps, trainSigmas);
  return { timesteps, sigmas: [...timesteps.map((timestep) => interpolate(trainSigmas, timestep)), final] };
}

function plainTimesteps(config: SchedulerConfig, steps: number, trainSigmas: Float64Array): number[] {
  // λ = -ln σ; timesteps whose λ is below the limit are left out.
  const limit = config.lambda_min_clipped;
  const leastLambda = typeof limit === 'number' ? limit : Number.NEGATIVE_INFINITY;
  const count = trainSigmas.filter((sigma) => -Math.log(sigma) >= leastLambda).length;
  const spacing = readSpacing(config, 'linspace');
  if (spacing === 'trailing') return trailingTimesteps(count, trainSigmas.length / steps);
  if (spacing === 'linspace') {
    return linearSpace(0, count - 1, steps + 1)
      .map(roundHalfEven)
      .reverse()
      .slice(0, -1);
  }
  const stride = Math.floor(count / (steps + 1));
  const offset = readNumber(config, 'steps_offset', 0);
  return Array.from({ length: steps }, (_, i) => (steps - i) * stride + offset);
}

/** Shares of original and noise in latents of variance 1. */
function shares(sigma: number): { readonly a: number; readonly b: number } {
  const a = 1 / Math.hypot(sigma, 1);
  return { a, b: sigma * a };
}

/** What the solver is told by the config. */
interface Solver {
  readonly stochastic: boolean;
  readonly heun: boolean;
  readonly order: number;
  /** Whether the last step is of first order. */
  readonly endsPlainly: boolean;
}

function readSolver(config: SchedulerConfig, count: number): Solver {
  refuseOptions(config, ['thresholding']);
  if (config.variance_type === 'learned' || config.variance_type === 'learned_range')
    refuseConfig(config, 'variance_type', 'null');
  const algorithm = readChoice(config, 'algorithm_type', ['dpmsolver++', 'sde-dpmsolver++'], 'dpmsolver++');
  const stochastic = algorithm === 'sde-dpmsolver++';
  // The last three are other solvers' kinds, which diffusers reads as midpoint.
  const kind = readChoice(config, 'solver_type', ['midpoint', 'heun', 'logrho', 'bh1', 'bh2'], 'midpoint');
  if (stochastic && kind === 'heun') refuseConfig(config, 'solver_type', '"midpoint" with sde-dpmsolver++');
  const order = readNumber(config, 'solver_order', 2);
  if (order !== 1 && order !== 2) refuseConfig(config, 'solver_order', '1 or 2');
  const endsPlainly =
    readFlag(config, 'euler_at_final', false) ||
    (readFlag(config, 'lower_order_final', true) && count < FEW_STEPS) ||
    (config.final_sigmas_type ?? 'zero') === 'zero';
  return { stochastic, heun: kind === 'heun', order, endsPlainly };
}

/** What a step multiplies its vectors by. `earlier` belongs to the original foreseen one step before. */
interface StepFactors {
  readonly sample: number;
  readonly original: number;
  readonly earlier: number;
  readonly noise: number;
}

function stepFactors(
  { stochastic, heun, order, endsPlainly }: Solver,
  sigmas: readonly number[],
  position: number,
  hasEarlier: boolean,
): StepFactors {
  const sigma = entryAt(sigmas, position);
  const next = entryAt(sigmas, position + 1);
  // A step in λ, which is -ln σ; infinite where σ ends at 0.
  const h = Math.log(sigma) - Math.log(next);
  const { a, b } = shares(next);
  const gain = -a * Math.expm1(stochastic ? -2 * h : -h);
  const isLast = position === sigmas.length - 2;
  let change = 0;
  if (order === 2 && hasEarlier && !(endsPlainly && isLast)) {
    const stepBefore = Math.log(entryAt(sigmas, position - 1)) - Math.log(sigma);
    change = (h / stepBefore) * (heun ? a * (Math.expm1(-h) / h + 1) : gain / 2);
  }
  return {
    sample: (b / shares(sigma).b) * (stochastic ? Math.exp(-h) : 1),
    original: gain + change,
    earlier: -change,
    noise: stochastic ? b * Math.sqrt(-Math.expm1(-2 * h)) : 0,
  };
}
