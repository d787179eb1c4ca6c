import { inside, nearest, type Points, type Polygon } from './lasso.ts';
import { circleAfter, keptIn, rowsIn, type Circle, type Size } from './mapModel.ts';
import { drags, type MapZoom } from './mapZoom.ts';

export interface MapInputPorts {
  /** Points as they are seen. */
  readonly points: () => Points;
  readonly size: () => Size;
  readonly zoom: MapZoom;
  /** Where the circle is at first, if there is a reason. */
  readonly start: () => Circle['at'] | undefined;
  readonly onSelect: (rows: readonly number[]) => void;
  readonly onOpen: (row: number) => void;
  /** The row under the pointer; -1: none. */
  readonly onPoint: (row: number) => void;
  /** How many rows are in the circle now. */
  readonly onCircle: (count: number) => void;
  /** Lasso or circle are to be drawn anew. */
  readonly onChange: () => void;
}

const grasp = 10;
/** A lasso that stays this close to where it ends is a click. */
const clickReach = 4;

/** Pointer: dragging draws a lasso, a click takes the nearest point, two open it. */
export function lassoInput(canvas: HTMLCanvasElement, { points, onSelect, onOpen, onPoint, onChange }: MapInputPorts) {
  let lasso: [number, number][] | undefined;
  const placeOf = ({ clientX, clientY }: MouseEvent): [number, number] => {
    const { left, top } = canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || drags(event)) return;
    lasso = [placeOf(event)];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (lasso) {
      lasso.push(placeOf(event));
      onChange();
    } else onPoint(nearest(points(), placeOf(event), grasp));
  });
  canvas.addEventListener('pointerup', (event) => {
    if (!lasso) return;
    const drawn = lasso;
    lasso = undefined;
    const [x, y] = placeOf(event);
    const far = drawn.some(([px, py]) => Math.hypot(px - x, py - y) > clickReach);
    const near = nearest(points(), [x, y], grasp);
    onSelect(far ? inside(points(), drawn) : near < 0 ? [] : [near]);
    onChange();
  });
  canvas.addEventListener('dblclick', (event) => {
    const near = nearest(points(), placeOf(event), grasp);
    if (near >= 0) onOpen(near);
  });
  return {
    get lasso(): Polygon | undefined {
      return lasso;
    },
  };
}

/**
 * Keyboard: arrows move a circle, and the map where the circle would leave it; + and − size it;
 * Enter and Space take what is in it; Page Up and Page Down zoom around it, Home shows the whole
 * map.
 */
export function circleInput(canvas: HTMLCanvasElement, ports: MapInputPorts) {
  const { points, size, zoom, start, onSelect, onCircle, onChange } = ports;
  let circle: Circle | undefined;

  function moveTo(wanted: Circle): void {
    const kept = keptIn(wanted, size());
    circle = kept.circle;
    if (kept.shift.some((by) => by !== 0)) zoom.shift(...kept.shift);
  }
  const take = (at: Circle): void => onSelect(rowsIn(points(), at));
  const actions: Readonly<Record<string, (at: Circle) => void>> = {
    Enter: take,
    ' ': take,
    PageUp: ({ at }) => zoom.step(1, at),
    PageDown: ({ at }) => zoom.step(-1, at),
    Home: () => zoom.reset(),
  };

  canvas.addEventListener('focus', () => {
    const { width, height } = size();
    circle ??= { at: start() ?? [width / 2, height / 2], radius: 24 };
    onChange();
  });
  canvas.addEventListener('blur', onChange);
  canvas.addEventListener('keydown', (event) => {
    if (!circle || event.ctrlKey || event.metaKey || event.altKey) return;
    const moved = circleAfter(circle, event.key, event.shiftKey);
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (!moved && !action) return;
    event.preventDefault();
    event.stopPropagation();
    if (moved) moveTo(moved);
    action?.(circle);
    onCircle(rowsIn(points(), circle).length);
    onChange();
  });
  return {
    /** Undefined while the keyboard is elsewhere. */
    get circle(): Circle | undefined {
      return document.activeElement === canvas ? circle : undefined;
    },
  };
}
