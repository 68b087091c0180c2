import type { DiffusionManifest } from '../../contract/manifest.js';
import type { DiffusionSettings } from '../../contract/worker-apis.js';
import { createScheduler } from '../schedulers/create-scheduler.js';
import type { Scheduler } from '../schedulers/scheduler.js';

/**
 * The schedule of a call; its `timesteps` are the runs of the U-Net.
 * @throws ImageToImageError `unsupported-parameter` for more steps than the schedule has, or a strength that leaves none.
 */
export function schedulerFor(
  model: Pick<DiffusionManifest, 'family' | 'scheduler' | 'unet'>,
  { steps, eta, strength }: Pick<DiffusionSettings, 'steps' | 'strength'> & { readonly eta?: number | undefined },
): Scheduler {
  // InstructPix2Pix starts from noise: it knows no strength.
  if (model.family === 'instruct-pix2pix') return createScheduler(model.scheduler, { steps, eta });
  // diffusers runs models with a guidance embedding by a pipeline of their own, which cuts in its own way.
  const cut = model.unet.timeCondProjDim === null ? 'begin-index' : 'training-grid';
  return createScheduler(model.scheduler, { steps, eta, strength, cut });
}
