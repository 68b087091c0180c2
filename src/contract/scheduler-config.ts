/**
 * A diffusers `scheduler_config.json` as it is. Keys that are left out have the class's own defaults, which differ between
 * classes; keys that Tintype does not know are ignored.
 */
export interface SchedulerConfig {
  /** Such as `EulerDiscreteScheduler`. */
  readonly _class_name: string;
  readonly num_train_timesteps?: number | undefined;
  readonly beta_start?: number | undefined;
  readonly beta_end?: number | undefined;
  readonly beta_schedule?: string | undefined;
  readonly trained_betas?: readonly number[] | null | undefined;
  readonly prediction_type?: string | undefined;
  readonly timestep_spacing?: string | undefined;
  readonly steps_offset?: number | undefined;
  readonly [key: string]: unknown;
}
