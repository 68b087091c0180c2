/** Whether we are as many times as fast as the target says, and by how much. */
export function atLeast(target: number, ratio: number): string {
  const distance = Math.abs(ratio - target).toFixed(2);
  return `at least ${target.toFixed(1)}: ${ratio >= target ? `met by ${distance}` : `missed by ${distance}`}`;
}
