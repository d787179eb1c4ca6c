import { scaleLinear } from 'd3-scale';
import { knownLabels } from '../../dataset/labels.ts';
import { colorTable } from '../lib/colorMap.ts';
import { h } from '../lib/dom.ts';
import { figures, t } from '../lib/l10n.ts';
import { checkbox } from './controls.ts';
import { extentOf, inside, nearest, within, type Points, type Polygon } from './lasso.ts';
import { labelNames } from './names.ts';
import type { Results, Shown, Ui } from './shown.ts';

export interface ScatterEvents {
  readonly onSelect: (rows: readonly number[]) => void;
  readonly onOpen: (row: number) => void;
  readonly onColor: (by: Ui['colorBy']) => void;
  /** Called when the points are to be seen and not there yet. */
  readonly onWanted: () => void;
}

const pad = 12;

/**
 * Image embeddings in the plane. Dragging draws a lasso; with the keyboard a circle is moved by the arrows, sized by + and −, and taken
 * by Enter or Space.
 */
export function scatter({ onSelect, onOpen, onColor, onWanted }: ScatterEvents) {
  const canvas = h('canvas', {
    tabIndex: 0,
    className: 'scatter',
    data: { testid: 'scatter' },
    attrs: {
      role: 'application',
      'aria-describedby': 'scatter-help',
      'aria-label': t('Similar images lie close together'),
    },
  });
  const hint = h('p', { className: 'note hint', attrs: { 'aria-live': 'polite' } });
  const byLabel = checkbox(t('Colours by label'), 'colorBy', (checked) => onColor(checked ? 'label' : 'score'));
  const help = h(
    'p',
    { id: 'scatter-help', className: 'note' },
    t(
      'Drag around points to select them. Keyboard: arrows move a circle, + and − size it, Enter selects what is in it.',
    ),
  );
  const element = h('div', { className: 'embedding' }, h('div', { className: 'row' }, byLabel), canvas, hint, help);

  let points: Points | undefined;
  let placed: Points = { x: [], y: [] };
  let shown: Shown | undefined;
  let lasso: [number, number][] | undefined;
  let circle: { at: [number, number]; radius: number } | undefined;
  let frame = 0;
  let size = { width: 0, height: 0 };
  const layer = document.createElement('canvas');
  let layerKey: readonly unknown[] = [];

  new ResizeObserver(([entry]) => {
    size = { width: entry!.contentRect.width, height: entry!.contentRect.height };
    place();
    later();
  }).observe(canvas);
  new IntersectionObserver(([entry]) => {
    if (entry!.isIntersecting && !points) onWanted();
  }).observe(canvas);

  function place(): void {
    if (!points || size.width === 0) return;
    const x = scaleLinear(extentOf(points.x), [pad, size.width - pad]);
    const y = scaleLinear(extentOf(points.y), [size.height - pad, pad]);
    placed = { x: Float32Array.from(points.x, (v) => x(v)), y: Float32Array.from(points.y, (v) => y(v)) };
    layerKey = [];
  }

  const later = (): void => {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };

  function draw(): void {
    const results = shown?.results;
    if (!results || size.width === 0) return;
    const scale = window.devicePixelRatio;
    const [w, h] = [Math.round(size.width * scale), Math.round(size.height * scale)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const context = canvas.getContext('2d')!;
    const style = getComputedStyle(canvas);
    drawPoints(results, scale, style);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, w, h);
    context.drawImage(layer, 0, 0);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const accent = style.getPropertyValue('--accent') || '#39f';
    const ink = style.color;
    context.strokeStyle = ink;
    context.lineWidth = 1.5;
    for (const row of selectedRows()) {
      context.beginPath();
      context.arc(placed.x[row]!, placed.y[row]!, 4, 0, 7);
      context.stroke();
    }
    const { focus } = shown!.ui.selection;
    if (focus >= 0 && Number.isFinite(placed.x[focus])) {
      context.strokeStyle = accent;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(placed.x[focus]!, placed.y[focus]!, 6, 0, 7);
      context.stroke();
    }
    context.strokeStyle = accent;
    context.lineWidth = 1.5;
    context.setLineDash([4, 3]);
    context.beginPath();
    if (lasso) for (const [x, y] of lasso) context.lineTo(x, y);
    if (circle && document.activeElement === canvas) context.arc(...circle.at, circle.radius, 0, 7);
    context.stroke();
    context.setLineDash([]);
  }

  /** Rings around thousands would hide everything: those beyond are drawn by the layer only. */
  const selectedRows = (): number[] => {
    const { rows } = shown!.ui.selection;
    return rows.size > 2000 ? [] : [...rows].filter((row) => Number.isFinite(placed.x[row]));
  };

  function drawPoints(results: Results, scale: number, style: CSSStyleDeclaration): void {
    const { colorBy } = shown!.ui;
    const { rows } = results.inspection;
    const { value: threshold } = results.thresholds.image;
    const key = [rows.score, results.labels, colorBy, canvas.width, canvas.height, placed, style.color];
    if (key.every((each, i) => each === layerKey[i])) return;
    layerKey = key;
    [layer.width, layer.height] = [canvas.width, canvas.height];
    const context = layer.getContext('2d')!;
    context.scale(scale, scale);
    const radius = placed.x.length > 20_000 ? 1 : placed.x.length > 2000 ? 1.75 : 3;
    const table = colorTable('viridis');
    const byLabel = knownLabels.map((label) => style.getPropertyValue(`--label-${label}`) || style.color);
    const groups = new Map<string, number[]>();
    for (let row = 0; row < placed.x.length; row++) {
      if (!Number.isFinite(placed.x[row])) continue;
      const part = Math.min(31, Math.max(0, Math.floor((rows.score[row]! / (2 * (threshold || 1))) * 31)));
      const at = Math.round((part / 31) * 255) * 3;
      const color =
        colorBy === 'label'
          ? byLabel[results.labels.label[row]!]!
          : `rgb(${table[at]},${table[at + 1]},${table[at + 2]})`;
      const group = groups.get(color);
      if (group) group.push(row);
      else groups.set(color, [row]);
    }
    context.globalAlpha = placed.x.length > 20_000 ? 0.7 : 0.9;
    for (const [color, members] of groups) {
      context.fillStyle = color;
      if (radius < 2) {
        for (const row of members)
          context.fillRect(placed.x[row]! - radius, placed.y[row]! - radius, 2 * radius, 2 * radius);
        continue;
      }
      context.beginPath();
      for (const row of members) {
        context.moveTo(placed.x[row]! + radius, placed.y[row]!);
        context.arc(placed.x[row]!, placed.y[row]!, radius, 0, 7);
      }
      context.fill();
    }
  }

  const at = (event: PointerEvent): [number, number] => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    lasso = [at(event)];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (lasso) {
      lasso.push(at(event));
      later();
    } else tell(nearest(placed, at(event), 10));
  });
  canvas.addEventListener('pointerup', (event) => {
    if (!lasso) return;
    const drawn: Polygon = lasso;
    lasso = undefined;
    const [x, y] = at(event);
    const far = drawn.some(([px, py]) => Math.hypot(px - x, py - y) > 4);
    const near = nearest(placed, [x, y], 10);
    onSelect(far ? inside(placed, drawn) : near < 0 ? [] : [near]);
    later();
  });
  canvas.addEventListener('dblclick', (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    const near = nearest(placed, [event.clientX - left, event.clientY - top], 10);
    if (near >= 0) onOpen(near);
  });
  canvas.addEventListener('focus', () => {
    const focus = shown?.ui.selection.focus ?? -1;
    const known = Number.isFinite(placed.x[focus]);
    circle ??= {
      at: known ? [placed.x[focus]!, placed.y[focus]!] : [size.width / 2, size.height / 2],
      radius: 24,
    };
    later();
  });
  canvas.addEventListener('blur', later);
  canvas.addEventListener('keydown', (event) => {
    if (!circle || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? 40 : 10;
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => (circle!.at[0] -= by),
      ArrowRight: () => (circle!.at[0] += by),
      ArrowUp: () => (circle!.at[1] -= by),
      ArrowDown: () => (circle!.at[1] += by),
      '+': () => (circle!.radius *= 1.25),
      '=': () => (circle!.radius *= 1.25),
      '-': () => (circle!.radius = Math.max(4, circle!.radius / 1.25)),
      Enter: () => onSelect(within(placed, circle!.at, circle!.radius)),
      ' ': () => onSelect(within(placed, circle!.at, circle!.radius)),
    };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    moves[event.key]!();
    circle.at = [Math.min(size.width, Math.max(0, circle.at[0])), Math.min(size.height, Math.max(0, circle.at[1]))];
    hint.textContent = t('{0} images in the circle', within(placed, circle.at, circle.radius).length);
    later();
  });

  function tell(row: number): void {
    const results = shown?.results;
    if (row < 0 || !results) {
      hint.textContent = '';
      return;
    }
    const { rows } = results.inspection;
    const label = labelNames[knownLabels[results.labels.label[row]!]!]();
    hint.textContent = `${rows.paths[row]} · ${figures(rows.score[row]!)} · ${label}`;
  }

  return {
    element,
    update(now: Shown): void {
      shown = now;
      byLabel.checked = now.ui.colorBy === 'label';
      later();
    },
    set points(found: Points | undefined) {
      points = found;
      canvas.dataset['points'] = String(found ? Array.from(found.x).filter(Number.isFinite).length : 0);
      placed = { x: [], y: [] };
      place();
      later();
    },
    get wanted(): boolean {
      return !points;
    },
  };
}
