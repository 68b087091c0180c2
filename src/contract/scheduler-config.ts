/**
 * A diffusers `scheduler_config.json` as it is. Keys that are left out have the class's own defaults, which differ between
 * classes; keys that Tintype does not know are ignored.
 */
export interface SchedulerConfig {
  /** Such as `EulerDiscreteScheduler`. */
  readonly _class_name: string;
  /** Steps of the schedule that the model was trained on; mostly 1000. */
  readonly num_train_timesteps?: number | undefined;
  /** Variance of the first training step. */
  readonly beta_start?: number | undefined;
  /** Variance of the last training step. */
  readonly beta_end?: number | undefined;
  /** How variances lie between: `linear`, `scaled_linear` or `squaredcos_cap_v2`. */
  readonly beta_schedule?: string | undefined;
  /** All variances, in place of the three above. */
  readonly trained_betas?: readonly number[] | null | undefined;
  /** What the network gives: `epsilon`, `v_prediction` or `sample`. */
  readonly prediction_type?: string | undefined;
  /** Which training steps are run: `linspace`, `leading` or `trailing`. */
  readonly timestep_spacing?: string | undefined;
  /** Added to each timestep with `leading`. */
  readonly steps_offset?: number | undefined;
  readonly [key: string]: unknown;
}
