import type { Bar } from './section.js';

/** Phases of a report in the order of a call, each with its colour. What no phase accounts for is `other`. */
const PHASES = {
  decode: '#4e79a7',
  tiles: '#f0a83c',
  resize: '#9c755f',
  encode: '#59a14f',
  other: '#9aa0a6',
} as const;

type Phase = keyof typeof PHASES;

/** Lengths of the picture, in its own units. */
const WIDTH = 860;
const LABEL_WIDTH = 210;
const ROW_HEIGHT = 30;
const BAR_HEIGHT = 20;
const TOP = 84;
const MARGIN = 24;
/** Narrower parts have no room for their share. */
const LABELLED_SHARE = 0.05;

/**
 * A stacked bar per call, as SVG on a light card of its own, so that it can be read on light and dark pages. Bars are shares
 * of each call, not times: those belong to one machine.
 */
export function breakdownSvg(bars: readonly Bar[]): string {
  const height = TOP + bars.length * ROW_HEIGHT + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="13">`,
    '<title id="title">Where the time of a warm call goes, by phase</title>',
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10" fill="#ffffff" stroke="#d0d7de"/>`,
    `<text x="${MARGIN}" y="34" font-size="16" font-weight="600" fill="#1f2328">Where the time of a warm call goes</text>`,
    legend(),
    ...bars.map(bar),
    '</svg>',
    '',
  ].join('\n');
}

function legend(): string {
  return Object.entries(PHASES)
    .map(([phase, colour], index) => {
      const x = MARGIN + index * 92;
      return `<rect x="${x}" y="50" width="12" height="12" rx="2" fill="${colour}"/><text x="${x + 18}" y="61" fill="#1f2328">${phase}</text>`;
    })
    .join('\n');
}

function bar({ label, timingsMs }: Bar, index: number): string {
  const y = TOP + index * ROW_HEIGHT;
  const full = WIDTH - LABEL_WIDTH - 2 * MARGIN;
  const parts = [`<text x="${MARGIN}" y="${y + 15}" fill="#1f2328">${label}</text>`];
  let x = MARGIN + LABEL_WIDTH;
  for (const [phase, share] of shares(timingsMs)) {
    const width = share * full;
    const percent = `${Math.round(share * 100)} %`;
    parts.push(
      `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${PHASES[phase]}"><title>${phase} ${percent}</title></rect>`,
    );
    if (share >= LABELLED_SHARE) {
      const middle = (x + width / 2).toFixed(1);
      parts.push(`<text x="${middle}" y="${y + 15}" text-anchor="middle" fill="#111111">${percent}</text>`);
    }
    x += width;
  }
  return parts.join('\n');
}

/** Phases may overlap; then their sum is the whole bar. */
function shares(timingsMs: Bar['timingsMs']): readonly (readonly [Phase, number])[] {
  const known = (['decode', 'tiles', 'resize', 'encode'] as const).map(
    (phase) => [phase, timingsMs[phase] ?? 0] as const,
  );
  const sum = known.reduce((total, [, ms]) => total + ms, 0);
  const whole = Math.max(sum, timingsMs.total ?? 0);
  return [...known, ['other', whole - sum] as const].map(([phase, ms]) => [phase, whole > 0 ? ms / whole : 0] as const);
}
