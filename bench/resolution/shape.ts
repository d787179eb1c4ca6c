/** Where a drawn part has metal, edges and marks; all in pixels, from the part's middle. */
export interface Shape {
  readonly width: number;
  readonly height: number;
  /** The image's shorter side, which the part's proportions follow. */
  readonly side: number;
  /** Of a bevelled edge. */
  readonly bevel: number;
  /** To the nearest edge, positive on metal. */
  edge(x: number, y: number): number;
  /** To the nearest mark on the metal that is no edge: a groove, the scale; 0 in the scale. */
  mark(x: number, y: number): number;
  /** From the middle of the nearest boss: across, down, and the distance. */
  fromBossX(x: number): number;
  fromBossY(y: number): number;
  fromBoss(x: number, y: number): number;
  /** Radius of the turned bosses, which a groove surrounds. */
  readonly boss: number;
  /** How much of a position is a line of the engraved scale, 0 … 1. */
  scale(x: number, y: number): number;
}

const cornerRadius = 0.05;
const boss = 0.3;
const bore = 0.11;
const keyway = { reach: 0.145, halfWidth: 0.022 };
const hole = { at: 0.36, radius: 0.035 };
/** Share of the shorter side that is left free around the part. */
export const margin = 0.05;

/**
 * A milled plate with rounded corners. Along its length, once for each `side`, it has a turned boss
 * with a bore and a keyway between four holes. A scale is engraved beside its lower edge.
 */
export function plateShape(width: number, height: number): Shape {
  const side = Math.min(width, height);
  const [halfWidth, halfHeight] = [width / 2 - margin * side, height / 2 - margin * side];
  const corner = cornerRadius * side;
  const cells = { x: Math.max(1, Math.round(width / side)), y: Math.max(1, Math.round(height / side)) };
  const pitch = { x: width / cells.x, y: height / cells.y };
  const fromNearest = (at: number, count: number, step: number): number => {
    const index = Math.round(at / step + (count - 1) / 2);
    return at - (Math.min(count - 1, Math.max(0, index)) - (count - 1) / 2) * step;
  };
  const fromBossX = (x: number): number => fromNearest(x, cells.x, pitch.x);
  const fromBossY = (y: number): number => fromNearest(y, cells.y, pitch.y);
  const fromBoss = (x: number, y: number): number => Math.sqrt(fromBossX(x) ** 2 + fromBossY(y) ** 2);
  const engraved = { halfWidth: halfWidth - 0.08 * side, top: halfHeight - 0.035 * side, height: 0.02 * side };
  const step = 0.02 * side;
  const lineWidth = Math.max(2, 0.0015 * side);

  const toScale = (x: number, y: number): number =>
    Math.max(0, Math.abs(x) - engraved.halfWidth, engraved.top - y, y - engraved.top - engraved.height);

  return {
    width,
    height,
    side,
    boss: boss * side,
    bevel: Math.max(3, 0.004 * side),
    edge(x, y) {
      const [cornerX, cornerY] = [Math.abs(x) - halfWidth + corner, Math.abs(y) - halfHeight + corner];
      const outside = Math.sqrt(Math.max(cornerX, 0) ** 2 + Math.max(cornerY, 0) ** 2);
      const toBorder = corner - outside - Math.min(Math.max(cornerX, cornerY), 0);
      const [dx, dy] = [fromBossX(x), fromBossY(y)];
      const toBore = Math.sqrt(dx * dx + dy * dy) - bore * side;
      const [holeX, holeY] = [Math.abs(dx) - hole.at * side, Math.abs(dy) - hole.at * side];
      const toHole = Math.sqrt(holeX * holeX + holeY * holeY) - hole.radius * side;
      const toKeyway = Math.max(dx - keyway.reach * side, -dx, Math.abs(dy) - keyway.halfWidth * side);
      return Math.min(toBorder, toBore, toHole, toKeyway);
    },
    mark: (x, y) => Math.min(Math.abs(fromBoss(x, y) - boss * side), toScale(x, y)),
    fromBossX,
    fromBossY,
    fromBoss,
    scale(x, y) {
      if (toScale(x, y) > 0) return 0;
      const beside = Math.abs(x - step * Math.round(x / step));
      return Math.min(1, Math.max(0, lineWidth / 2 + 0.5 - beside));
    },
  };
}
