import { knownLabels } from '../../dataset/labels.ts';
import type { CurvePoints } from '../../protocol/inspection.ts';

/** Text → safe between tags and in attributes. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** Four significant digits, without trailing zeros. */
export const figure = (value: number): string => `${Number(value.toPrecision(4))}`;

const place = (value: number): string => `${Math.round(10 * value) / 10}`;

/** Groups of a histogram, drawn from the bottom up. */
const groups = [
  { name: 'normal', has: (label: string) => label === 'normal' },
  { name: 'anomalous', has: (label: string) => label === 'anomalous' },
  { name: 'other', has: (label: string) => label !== 'normal' && label !== 'anomalous' },
] as const;

export interface HistogramMark {
  readonly value: number;
  readonly text: string;
  readonly kind: 'threshold' | 'calibrated';
}

/**
 * Stacked histogram of image scores by label, as SVG; marks are vertical lines. Scores far beyond
 * the rest are gathered in the last bin, which is then labelled so.
 * @param label index in knownLabels, one per score
 */
export function histogramSvg(
  score: ArrayLike<number>,
  label: ArrayLike<number>,
  marks: readonly HistogramMark[],
): string {
  const values = Array.from(score).filter((value) => !Number.isNaN(value));
  if (values.length === 0) return '<p class="empty">No image has a score yet.</p>';
  const sorted = values.toSorted((a, b) => a - b);
  const most = sorted.at(-1)!;
  const usual = sorted[Math.floor(0.95 * (sorted.length - 1))]!;
  const low = Math.min(sorted[0]!, ...marks.map(({ value }) => value));
  const reach = Math.max(usual, ...marks.map(({ value }) => value)) - low;
  const high = Math.max(low + 1e-9, Math.min(most, low + 2.5 * reach || most));
  const bins = 48;
  const counts = groups.map(() => new Float64Array(bins));
  for (let row = 0; row < score.length; row++) {
    const value = score[row]!;
    if (Number.isNaN(value)) continue;
    const bin = Math.min(bins - 1, Math.floor((bins * (value - low)) / (high - low)));
    const group = groups.findIndex(({ has }) => has(knownLabels[label[row]!]!));
    counts[group]![bin]!++;
  }
  const [left, top, width, height] = [44, 26, 800, 190];
  const tallest = Math.max(...counts[0]!.map((_, bin) => counts.reduce((sum, group) => sum + group[bin]!, 0)));
  const x = (value: number): number => left + width * Math.min(1, (value - low) / (high - low));
  const bars = Array.from({ length: bins }, (_, bin) => {
    let base = top + height;
    return counts
      .map((group, at) => {
        const tall = (height * group[bin]!) / tallest;
        base -= tall;
        if (tall === 0) return '';
        const [from, wide] = [left + (width * bin) / bins + 0.5, width / bins - 1];
        return (
          `<rect class="${groups[at]!.name}" x="${place(from)}" y="${place(base)}" width="${place(wide)}" ` +
          `height="${place(tall)}"/>`
        );
      })
      .join('');
  }).join('');
  const step = roundStep((high - low) / 6);
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => step * (first + i)).map(
    (value) => `<text x="${place(x(value))}" y="${top + height + 18}" text-anchor="middle">${figure(value)}</text>`,
  );
  const gathered =
    most > high
      ? `<text x="${left + width}" y="${top + height - 8}" text-anchor="end">up to ${figure(most)} →</text>`
      : '';
  const lines = marks.map(({ value, text, kind }) => {
    const at = place(x(value));
    const anchor = x(value) > left + width / 2 ? 'end' : 'start';
    const level = kind === 'threshold' ? 10 : 22;
    return (
      `<line class="${kind}" x1="${at}" x2="${at}" y1="${level - 8}" y2="${top + height}"/>` +
      `<text class="${kind}" x="${place(x(value) + (anchor === 'end' ? -5 : 5))}" y="${level}" ` +
      `text-anchor="${anchor}">${escaped(text)}</text>`
    );
  });
  return (
    `<svg viewBox="0 0 ${left + width + 16} ${top + height + 26}" role="img" ` +
    'aria-label="Histogram of image scores by label">' +
    `<line class="axis" x1="${left}" x2="${left + width}" y1="${top + height}" y2="${top + height}"/>` +
    `<text x="${left - 6}" y="${top + 10}" text-anchor="end">${tallest}</text>` +
    `${bars}${ticks.join('')}${lines.join('')}${gathered}</svg>`
  );
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

export interface CurveText {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Right end of the x axis. */
  readonly limit?: number;
  /** Such as `AUROC 0.97`. */
  readonly note?: string | undefined;
  /** Whether the points run through steps (precision–recall) or straight lines. */
  readonly steps?: boolean;
}

/**
 * A curve in a square, with the operating point: the last point whose threshold is at least
 * `threshold`, where one is given.
 */
export function curveSvg(points: CurvePoints | undefined, text: CurveText, threshold?: number): string {
  const note = text.note ? ` <span>${escaped(text.note)}</span>` : '';
  const caption = `<figcaption><b>${text.title}</b>${note}</figcaption>`;
  if (!points) return `<figure class="curve">${caption}<p class="empty">The labels don't define it.</p></figure>`;
  const [left, top, side] = [40, 10, 240];
  const limit = text.limit ?? 1;
  const at = (i: number): [number, number] => [
    left + side * Math.min(1, points.x[i]! / limit),
    top + side * (1 - points.y[i]!),
  ];
  const path = Array.from({ length: points.x.length }, (_, i) => {
    const [x, y] = at(i);
    if (i === 0) return `M${place(x)} ${place(y)}`;
    return text.steps ? `H${place(x)}V${place(y)}` : `L${place(x)} ${place(y)}`;
  }).join('');
  const here = threshold === undefined ? -1 : lastAbove(points.threshold, threshold);
  const dot = here < 0 ? '' : `<circle cx="${place(at(here)[0])}" cy="${place(at(here)[1])}" r="5"/>`;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const [x, y] = [left + side * share, top + side * (1 - share)];
    return (
      `<line class="grid" x1="${left}" x2="${left + side}" y1="${y}" y2="${y}"/>` +
      `<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${top + side}"/>` +
      `<text x="${left - 6}" y="${y + 4}" text-anchor="end">${share}</text>` +
      `<text x="${x}" y="${top + side + 16}" text-anchor="middle">${figure(share * limit)}</text>`
    );
  });
  return (
    `<figure class="curve">${caption}` +
    `<svg viewBox="0 0 ${left + side + 14} ${top + side + 40}" role="img" aria-label="${escaped(text.title)}">` +
    `${grid.join('')}<path d="${path}"/>${dot}` +
    `<text x="${left + side / 2}" y="${top + side + 34}" text-anchor="middle">${escaped(text.x)}</text></svg>` +
    `<div class="y">${escaped(text.y)}</div></figure>`
  );
}

/** Thresholds fall along a curve. */
function lastAbove(thresholds: Float64Array, threshold: number): number {
  let found = -1;
  for (let i = 0; i < thresholds.length && thresholds[i]! > threshold; i++) found = i;
  return found;
}
