/**
 * Steps that are run at this strength: `min(trunc(steps * strength), steps)`, as diffusers counts them. 0 means that nothing would be
 * done, which the caller has to refuse. Schedulers cut their timesteps at `steps` less this, so PNDM runs one more.
 * @param strength 0 to 1.
 */
export function stepsAfterStrength(steps: number, strength: number): number {
  return Math.min(Math.trunc(steps * strength), steps);
}

/** How many timesteps are left out at the beginning. */
export function beginIndex(options: { readonly steps: number; readonly strength?: number | undefined }): number {
  return options.steps - stepsAfterStrength(options.steps, options.strength ?? 1);
}
