import { ImageToImageError } from '../../contract/errors.js';
import type { SchedulerConfig } from '../../contract/scheduler-config.js';

/** More training timesteps than any model has; a config beyond it would only cost memory. */
const MAX_COUNT = 100_000;

/**
 * Refuses a scheduler config.
 * @param key The config's key that cannot be followed.
 * @param supported What would be, as the end of "supported is".
 * @throws ImageToImageError `model-unavailable`, always.
 */
export function refuseConfig(config: SchedulerConfig, key: string, supported: string): never {
  const value = config[key];
  const shown = typeof value === 'object' && value !== null ? 'a list or object' : JSON.stringify(value)?.slice(0, 60);
  throw new ImageToImageError({
    code: 'model-unavailable',
    phase: 'validate',
    message: `The model's scheduler config (${config._class_name}) has ${key}: ${shown}, which Tintype cannot run; supported is ${supported}. Use another model, or correct its scheduler config.`,
    details: { scheduler: config._class_name, option: key },
  });
}

/** @param fallback Where the key is left out. @throws ImageToImageError `model-unavailable` unless it is a finite number. */
export function readNumber(config: SchedulerConfig, key: string, fallback: number): number {
  const value = config[key];
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return refuseConfig(config, key, 'a finite number');
}

/** @throws ImageToImageError `model-unavailable` unless it is a whole number from 1 to 100000. */
export function readCount(config: SchedulerConfig, key: string, fallback: number): number {
  const value = readNumber(config, key, fallback);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_COUNT) return value;
  return refuseConfig(config, key, `a whole number from 1 to ${MAX_COUNT}`);
}

/** `null` is false, as in Python. @throws ImageToImageError `model-unavailable` if it is neither boolean nor `null`. */
export function readFlag(config: SchedulerConfig, key: string, fallback: boolean): boolean {
  const value = config[key];
  if (value === undefined) return fallback;
  if (value === null) return false;
  if (typeof value === 'boolean') return value;
  return refuseConfig(config, key, 'true or false');
}

/** @throws ImageToImageError `model-unavailable` unless it is one of `choices`. */
export function readChoice<T extends string>(
  config: SchedulerConfig,
  key: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = config[key];
  if (value === undefined) return fallback;
  const choice = choices.find((each) => each === value);
  return choice ?? refuseConfig(config, key, choices.map((each) => `"${each}"`).join(' or '));
}

/** Refuses what is switched on or given a value. @throws ImageToImageError `model-unavailable`. */
export function refuseOptions(config: SchedulerConfig, keys: readonly string[]): void {
  for (const key of keys) {
    const value = config[key];
    if (value !== undefined && value !== null && value !== false) refuseConfig(config, key, 'false or null');
  }
}
