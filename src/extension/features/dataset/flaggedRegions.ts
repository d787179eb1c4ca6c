import type { NormalRegion } from '../../../protocol/inspection.ts';

type Region = NonNullable<NormalRegion['region']>;

/**
 * Bounding boxes, in shares of width and height, of what lies above `level`; places that touch, corners included, are one.
 * @param map row-major, `side`×`side`
 */
export function flaggedRegions(map: Uint8Array, side: number, level: number): Region[] {
  const seen = new Uint8Array(map.length);
  const found: Region[] = [];
  for (let start = 0; start < map.length; start++) {
    if (seen[start] || map[start]! <= level) continue;
    let [left, top, right, bottom] = [side, side, 0, 0];
    const open = [start];
    seen[start] = 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const [x, y] = [at % side, Math.floor(at / side)];
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(side - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(side - 1, x + 1); nx++) {
          const next = ny * side + nx;
          if (seen[next] || map[next]! <= level) continue;
          seen[next] = 1;
          open.push(next);
        }
      }
    }
    const share = (from: number, to: number): number => (to - from) / side;
    found.push({ left: left / side, top: top / side, width: share(left, right), height: share(top, bottom) });
  }
  return found;
}
