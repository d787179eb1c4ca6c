import { entriesOf, type Bank } from '../../nferd/bank.ts';
import type { Size } from '../../nferd/config.ts';
import type { ChannelStatistics } from '../../nferd/features.ts';
import { whiten } from '../../nferd/whitening.ts';
import type { NormalRegion } from '../../protocol/inspection.ts';
import type { MaskRuns } from '../../dataset/maskRuns.ts';

/** A cell of a stage's grid. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Cells of a grid that a mask or a region touches; all of them without either. */
export function cellsOf({ region, mask }: Pick<NormalRegion, 'region' | 'mask'>, grid: Size): Cell[] {
  if (mask) return cellsUnder(mask, grid);
  const span = (from: number, size: number, cells: number): [number, number] => [
    Math.min(cells - 1, Math.max(0, Math.floor(from * cells + 1e-9))),
    Math.min(cells, Math.max(1, Math.ceil((from + size) * cells - 1e-9))),
  ];
  const [top, bottom] = region ? span(region.top, region.height, grid.height) : [0, grid.height];
  const [left, right] = region ? span(region.left, region.width, grid.width) : [0, grid.width];
  const found: Cell[] = [];
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) found.push({ row, column });
  return found;
}

function cellsUnder({ width, height, runs }: MaskRuns, { width: columns, height: rows }: Size): Cell[] {
  const touched = new Uint8Array(rows * columns);
  const first = (at: number, size: number, cells: number): number => Math.floor((at * cells) / size);
  const end = (at: number, size: number, cells: number): number => Math.ceil((at * cells) / size);
  let at = 0;
  runs.forEach((length, index) => {
    const stop = at + length;
    if (index % 2 === 0) at = stop;
    // A run goes on in the rows below.
    while (at < stop) {
      const y = Math.floor(at / width);
      const left = at - y * width;
      const right = Math.min(width, left + stop - at);
      for (let row = first(y, height, rows); row < end(y + 1, height, rows); row++)
        touched.fill(1, row * columns + first(left, width, columns), row * columns + end(right, width, columns));
      at += right - left;
    }
  });
  return [...touched.keys()]
    .filter((cell) => touched[cell])
    .map((cell) => ({ row: Math.floor(cell / columns), column: cell % columns }));
}

/** Positions to add: features of one image's cells. */
export interface TaughtCells {
  /** Index among the detector's images. */
  readonly image: number;
  /** The teacher's map [C, height, width]. */
  readonly map: Float32Array;
  readonly width: number;
  readonly cells: readonly Cell[];
}

/**
 * `bank` with the cells' features behind its own entries, which stay as they are.
 * @param cell positions in a cell's side
 */
export function extendBank(
  bank: Bank,
  taught: readonly TaughtCells[],
  cell: number,
  statistics: ChannelStatistics,
): Bank {
  const { channels, data } = bank.features;
  const count = taught.reduce((sum, { cells }) => sum + cells.length, 0);
  const features = new Float32Array(count * channels);
  const places: { image: number; row: number; column: number }[] = [];
  for (const { image, map, width, cells } of taught) {
    const height = map.length / channels / width;
    for (const { row, column } of cells) {
      const at = places.length * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let dy = 0; dy < cell; dy++)
          for (let dx = 0; dx < cell; dx++) sum += map[(c * height + row * cell + dy) * width + column * cell + dx]!;
        features[at + c] = (sum / (cell * cell) - statistics.mean[c]!) / statistics.deviation[c]!;
      }
      places.push({ image, row, column });
    }
  }
  const { provenance } = bank;
  const white = whiten({ data: features, channels }, bank.whitening);
  const all = new Float32Array((entriesOf(bank) + count) * channels);
  all.set(data);
  all.set(white.data, data.length);
  return {
    ...bank,
    features: { data: all, channels },
    provenance: {
      image: Uint32Array.from([...provenance.image, ...places.map(({ image }) => image)]),
      row: Uint16Array.from([...provenance.row, ...places.map(({ row }) => row)]),
      column: Uint16Array.from([...provenance.column, ...places.map(({ column }) => column)]),
    },
  };
}
