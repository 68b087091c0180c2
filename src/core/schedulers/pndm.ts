import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { accumulateAlphas, LINEAR_BETAS, readBetas } from './betas.js';
import { mixNoise, mixOriginal, readPrediction } from './prediction.js';
import { readFlag, refuseConfig } from './read-config.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { beginIndex } from './steps-after-strength.js';
import { addNoiseOfAlpha, wholeTimesteps } from './variance-preserving.js';
import { entryAt, type Term, type Vector, weightedSum } from './vectors.js';

/** How the last outputs, the newest first, are weighed once there are as many (Adams-Bashforth). */
const MULTISTEP: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/**
 * PNDMScheduler without its Runge-Kutta warm-up, as Stable Diffusion uses it. It takes the first step twice: the second time with the
 * mean of both outputs. So the second timestep comes twice, and two steps or more mean one more run of the network. Where `strength`
 * cuts the list, it does the same with whatever the first two timesteps then are, as diffusers does.
 * @throws ImageToImageError `model-unavailable` if the config asks for what is not supported.
 */
export function createPndm(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  if (!readFlag(config, 'skip_prk_steps', false)) refuseConfig(config, 'skip_prk_steps', 'true');
  const alphas = accumulateAlphas(readBetas(config, LINEAR_BETAS));
  const finalAlpha = readFlag(config, 'set_alpha_to_one', false) ? 1 : entryAt(alphas, 0);
  const prediction = readPrediction(config, ['epsilon', 'v_prediction']);
  const stride = Math.floor(alphas.length / options.steps);
  const timesteps = repeatSecond(wholeTimesteps(config, options.steps)).slice(beginIndex(options));
  const outputs: Vector[] = [];
  let first: { readonly sample: Vector; readonly output: Vector } | undefined;

  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (sample) => sample,
    addNoise: (original, noise, index) => addNoiseOfAlpha(original, noise, entryAt(alphas, entryAt(timesteps, index))),
    step({ index, output, sample }) {
      if (index === 0) first = { sample, output };
      const repeated = index === 1 ? first : undefined;
      const timestep = entryAt(timesteps, index) + (repeated ? stride : 0);
      const from = repeated ? repeated.sample : sample;
      const mean = repeated ? weightedSum([0.5, repeated.output], [0.5, output]) : extrapolate(outputs, output);

      const alpha = entryAt(alphas, timestep);
      const nextAlpha = timestep >= stride ? entryAt(alphas, timestep - stride) : finalAlpha;
      const [a, b] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
      const [toOriginal, toNoise] = [mixOriginal(prediction, a, b), mixNoise(prediction, a, b)];
      // Formula 9 of the paper: what noise has to be taken away.
      const share = (nextAlpha - alpha) / (alpha * Math.sqrt(1 - nextAlpha) + a * b * Math.sqrt(nextAlpha));
      return {
        sample: weightedSum(
          [Math.sqrt(nextAlpha / alpha) - share * toNoise.sample, from],
          [-share * toNoise.output, mean],
        ),
        original: weightedSum([toOriginal.sample, from], [toOriginal.output, mean]),
      };
    },
  };
}

function repeatSecond(timesteps: readonly number[]): number[] {
  return [...timesteps.slice(0, 2), ...timesteps.slice(1)];
}

/** Adds the output to the last ones, of which four are kept, and weighs them. */
function extrapolate(outputs: Vector[], output: Vector): Vector {
  outputs.unshift(output);
  outputs.splice(MULTISTEP.length);
  const weights = MULTISTEP[outputs.length - 1] ?? [];
  return weightedSum(...outputs.map((vector, i): Term => [entryAt(weights, i), vector]));
}
