/** A list means the same as its items, trimmed, the empty ones dropped, joined with a comma. */
export function joinNegative(negative: string | readonly string[] | undefined): string {
  if (negative === undefined || typeof negative === 'string') return negative ?? '';
  return negative
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .join(', ');
}
