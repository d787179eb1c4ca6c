import { knownLabels } from '../../../dataset/labels.ts';
import { rowStates } from '../../../protocol/inspection.ts';
import { isAnomalous } from '../../../verdict/thresholds.ts';
import { h } from '../../ui/dom.ts';
import { figures, t } from '../../ui/l10n.ts';
import { labelNames } from '../../ui/labelNames.ts';
import { disagreement } from '../filters/order.ts';
import type { Results, Ui } from '../shown.ts';
import type { LoadedThumbnail } from './thumbnails.ts';

const marks: Readonly<Record<(typeof knownLabels)[number], string>> = {
  unknown: '',
  normal: '✓',
  anomalous: '!',
  unsure: '?',
  excluded: '×',
};

/** Pixels between two panes. */
const seam = 4;

/** One thumbnail of the grid, shown for one row after another. */
export class Cell {
  readonly element: HTMLElement;
  readonly #canvas = h('canvas', { className: 'picture' });
  readonly #context = this.#canvas.getContext('2d')!;
  readonly #mark = h('span', { className: 'mark' });
  readonly #wrong = h('span', { className: 'wrong' });
  readonly #score = h('span', { className: 'score' });
  readonly #other = h('span', { className: 'other' });
  readonly #name = h('span', { className: 'file' });
  row = -1;
  place = -1;
  #bound: readonly unknown[] = [];

  constructor() {
    // Spaces keep apart what stands apart, also for those who do not see it.
    const line = h('div', { className: 'line' }, this.#score, ' ', this.#other);
    this.element = h(
      'div',
      { className: 'cell', attrs: { role: 'option' } },
      this.#canvas,
      this.#mark,
      ' ',
      this.#wrong,
      ' ',
      h('div', { className: 'caption' }, line, ' ', this.#name),
    );
  }

  /** Shows a row's words; its picture is drawn by `draw`. */
  bind(row: number, results: Results, otherScore: number | undefined, otherThreshold: number): void {
    const { inspection, labels, threshold, order } = results;
    const { rows } = inspection;
    const { element } = this;
    this.row = row;
    const path = rows.paths[row]!;
    const score = rows.score[row]!;
    const label = knownLabels[labels.label[row]!]!;
    const state = rowStates[rows.state[row]!]!;
    const verdict = state === 'done' ? (isAnomalous(score, threshold) ? 'anomalous' : 'normal') : state;
    const wrong = disagreement({ rows, labels, threshold }, row);
    // Most cells are the same at another threshold.
    const bound = [row, this.place, rows, labels, order, verdict, wrong, otherScore, otherThreshold];
    if (bound.every((each, at) => Object.is(each, this.#bound[at]))) return;
    this.#bound = bound;
    const type = labels.defectType[row];
    element.id = `cell-${row}`;
    element.dataset.row = String(row);
    element.dataset.verdict = verdict;
    element.dataset.label = label;
    element.dataset.byUser = String(labels.byUser[row] === 1);
    this.#score.textContent = state === 'done' ? figures(score) : state === 'failed' ? t('failed') : '…';
    this.#score.className = `score ${verdict}`;
    this.#other.textContent = otherScore === undefined ? '' : `→ ${figures(otherScore)}`;
    // NaN where the other detector has not seen the image.
    const otherFlags = otherScore !== undefined && otherScore > otherThreshold;
    this.#other.className = `other ${otherFlags ? 'anomalous' : 'normal'}`;
    this.#name.textContent = path;
    this.#mark.className = `mark ${label} ${labels.byUser[row] ? 'own' : ''}`;
    this.#mark.textContent = type ? `${marks[label]} ${type}` : marks[label];
    this.#mark.hidden = label === 'unknown';
    this.#wrong.textContent = wrong === 'falseAlarm' ? t('false alarm') : wrong === 'missed' ? t('missed') : '';
    this.#wrong.hidden = !wrong;
    const trained = rows.trained[row] ? t('trained on it') : '';
    element.title = [path, rows.failures[row] ?? '', trained].filter(Boolean).join('\n');
    // What is to be seen comes first and in its order: who speaks to the machine says that.
    const seen = [this.#mark, this.#wrong, this.#score, this.#other, this.#name].filter((each) => !each.hidden);
    const words = [
      ...seen.map((each) => each.textContent),
      state === 'pending' ? t('not inspected yet') : '',
      verdict === 'anomalous' ? t('anomalous') : verdict === 'normal' ? t('normal') : '',
      label === 'unknown' ? t('not labelled') : t('labelled {0}', labelNames[label]()),
      trained,
    ];
    element.setAttribute('aria-label', words.filter(Boolean).join(', '));
    element.setAttribute('aria-posinset', String(this.place + 1));
    element.setAttribute('aria-setsize', String(order.length));
    element.classList.toggle('trained', rows.trained[row] === 1);
  }

  mark(selected: boolean, focused: boolean): void {
    const { element } = this;
    element.setAttribute('aria-selected', String(selected));
    element.classList.toggle('focused', focused);
  }

  /** @param panes pictures beside each other, in order */
  draw(width: number, panes: readonly (LoadedThumbnail | undefined)[], { heatmap, opacity }: Ui): void {
    const scale = window.devicePixelRatio;
    const side = Math.round((width / panes.length) * scale);
    const all = side * panes.length;
    if (this.#canvas.width !== all || this.#canvas.height !== side) {
      this.#canvas.width = all;
      this.#canvas.height = side;
    } else this.#context.clearRect(0, 0, all, side);
    this.element.classList.toggle(
      'loading',
      panes.some((pane) => pane === undefined),
    );
    panes.forEach((pane, at) => {
      if (!pane?.picture) return;
      const { width: w, height: h } = pane.picture;
      const zoom = side / Math.max(w, h);
      const shift = at * (side + seam) - (panes.length > 1 ? seam / 2 : 0);
      const box = [shift + (side - w * zoom) / 2, (side - h * zoom) / 2, w * zoom, h * zoom] as const;
      this.#context.globalAlpha = 1;
      this.#context.drawImage(pane.picture, ...box);
      if (!heatmap || !pane.map) return;
      this.#context.globalAlpha = opacity;
      this.#context.drawImage(pane.map, ...box);
    });
    this.#context.globalAlpha = 1;
  }
}
