/** A report's charts as SVG text. What they show is the dataset view's, from src/charts. */
import { scaleLinear } from 'd3-scale';
import { curveEnd, curvePath, type CurveId, type CurvePoint } from '../../charts/curves.ts';
import { barsOf, histogramOf, type Frame } from '../../charts/histogram.ts';
import type { RowLabels } from '../../dataset/rowLabels.ts';
import type { CurvePoints, InspectionRows } from '../../protocol/inspection.ts';

/** Text → safe between tags and in attributes. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** Four significant digits, without trailing zeros. */
export const figure = (value: number): string => `${Number(value.toPrecision(4))}`;

const place = (value: number): string => `${Math.round(10 * value) / 10}`;

export interface HistogramMark {
  readonly value: number;
  readonly text: string;
  readonly kind: 'threshold' | 'calibrated';
}

const frame: Frame = { left: 44, right: 844, top: 26, floor: 216 };

/** Stacked histogram of image scores by label, as SVG; marks are vertical lines. */
export function histogramSvg(
  rows: Pick<InspectionRows, 'score' | 'trained'>,
  labels: Pick<RowLabels, 'label'>,
  marks: readonly HistogramMark[],
): string {
  const { left, right, top, floor } = frame;
  const histogram = histogramOf(rows, labels, Math.max(...marks.map(({ value }) => value)), frame);
  const { x, span, tallest } = histogram;
  if (tallest === 0) return '<p class="empty">No image has a score yet, but for those left out.</p>';
  const bars = barsOf(histogram, frame).map(
    ({ label, x, y, width, height }) =>
      `<rect class="${label}" x="${place(x)}" y="${place(y)}" width="${place(width)}" height="${place(height)}"/>`,
  );
  const ticks = x
    .ticks(7)
    .map((value) => `<text x="${place(x(value))}" y="${floor + 18}" text-anchor="middle">${figure(value)}</text>`);
  const gathered =
    span.most > span.high
      ? `<text x="${right}" y="${floor - 8}" text-anchor="end">up to ${figure(span.most)} →</text>`
      : '';
  const lines = marks.map(({ value, text, kind }) => {
    const at = place(x(value));
    const anchor = x(value) > (left + right) / 2 ? 'end' : 'start';
    const level = kind === 'threshold' ? 10 : 22;
    return (
      `<line class="${kind}" x1="${at}" x2="${at}" y1="${level - 8}" y2="${floor}"/>` +
      `<text class="${kind}" x="${place(x(value) + (anchor === 'end' ? -5 : 5))}" y="${level}" ` +
      `text-anchor="${anchor}">${escaped(text)}</text>`
    );
  });
  return (
    `<svg viewBox="0 0 ${right + 16} ${floor + 26}" role="img" ` +
    'aria-label="Histogram of image scores by label">' +
    `<line class="axis" x1="${left}" x2="${right}" y1="${floor}" y2="${floor}"/>` +
    `<text x="${left - 6}" y="${top + 10}" text-anchor="end">${tallest}</text>` +
    `${bars.join('')}${ticks.join('')}${lines.join('')}${gathered}</svg>`
  );
}

export interface CurveText {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Such as `AUROC 0.97`. */
  readonly note?: string | undefined;
}

/** A curve in a square, with the operating point where there is one. */
export function curveSvg(
  id: CurveId,
  points: CurvePoints | undefined,
  text: CurveText,
  operating: CurvePoint | undefined,
): string {
  const note = text.note ? ` <span>${escaped(text.note)}</span>` : '';
  const caption = `<figcaption><b>${text.title}</b>${note}</figcaption>`;
  if (!points) return `<figure class="curve">${caption}<p class="empty">The labels don't define it.</p></figure>`;
  const [left, top, side] = [40, 10, 240];
  const end = curveEnd[id];
  const x = scaleLinear([0, end], [left, left + side]);
  const y = scaleLinear([0, 1], [top + side, top]);
  const path = curvePath(id, points, x, y);
  const dot = operating ? `<circle cx="${place(x(operating[0]))}" cy="${place(y(operating[1]))}" r="5"/>` : '';
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const [across, up] = [x(share * end), y(share)];
    return (
      `<line class="grid" x1="${left}" x2="${left + side}" y1="${up}" y2="${up}"/>` +
      `<line class="grid" x1="${across}" x2="${across}" y1="${top}" y2="${top + side}"/>` +
      `<text x="${left - 6}" y="${up + 4}" text-anchor="end">${share}</text>` +
      `<text x="${across}" y="${top + side + 16}" text-anchor="middle">${figure(share * end)}</text>`
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
