import type { Rng } from '../../src/dataset/rng.ts';
import { smoothstep } from '../../scripts/demo/noise.ts';
import type { Part, Pose } from './parts.ts';
import type { Shape } from './shape.ts';

export const defectKinds = ['pit', 'scratch'] as const;
export type DefectKind = (typeof defectKinds)[number];

/** A defect in the image's pixels. */
export interface Defect {
  readonly kind: DefectKind;
  readonly x: number;
  readonly y: number;
  /** Of a pit: its diameter, twice. */
  readonly length: number;
  readonly width: number;
  /** Of a scratch, radians. */
  readonly angle: number;
  /** Grey levels at its darkest. */
  readonly contrast: number;
}

/** Pixels between any two defects, and from edges and marks. */
const apart = 96;
const fromEdge = 12;
const contrasts = [10, 18] as const;
/** Samples in a pixel, along each side. */
const fine = 4;

/** A scratch that is as hard to see as a pit: 2 × 40 beside 6, 3 × 60 beside 12, 4 × 120 beside 24. */
export function scratchBeside(pit: number): { length: number; width: number } {
  return { length: Math.min(120, Math.max(40, 5 * pit)), width: Math.min(4, Math.max(2, 2 + Math.log2(pit / 6))) };
}

/**
 * 1 to 4 defects of a kind on the metal, apart from each other.
 * @throws where they find no room
 */
export function placeDefects(
  kind: DefectKind,
  [smallest, largest]: readonly [number, number],
  shape: Shape,
  { centreX, centreY, cos, sin }: Pose,
  rng: Rng,
): Defect[] {
  const count = 1 + rng.integer(4);
  const placed: Defect[] = [];
  for (let tries = 0; placed.length < count; tries++) {
    if (tries === 5000)
      throw new Error(`${shape.width} × ${shape.height} px: ${count} defects find no room. Draw larger images.`);
    const [x, y] = [(rng.uniform() - 0.5) * shape.width, (rng.uniform() - 0.5) * shape.height];
    const pit = smallest + (largest - smallest) * rng.uniform();
    const { length, width } = kind === 'pit' ? { length: pit, width: pit } : scratchBeside(pit);
    const defect: Defect = {
      kind,
      x: centreX + x * cos - y * sin,
      y: centreY + x * sin + y * cos,
      length,
      width,
      angle: acrossMarks(x, y, shape, rng),
      contrast: contrasts[0] + (contrasts[1] - contrasts[0]) * rng.uniform(),
    };
    const reach = length / 2 + fromEdge;
    const free = placed.every((other) => {
      const between = Math.hypot(other.x - defect.x, other.y - defect.y);
      return between > apart + (other.length + length) / 2;
    });
    if (free && shape.edge(x, y) > reach + shape.bevel && shape.mark(x, y) > reach) placed.push(defect);
  }
  return placed;
}

/** An angle at least 30° off the tool marks, in which a scratch would hide. */
function acrossMarks(x: number, y: number, shape: Shape, rng: Rng): number {
  const turned = shape.fromBoss(x, y) < shape.boss;
  const marks = turned ? Math.atan2(shape.fromBossX(x), -shape.fromBossY(y)) : 0;
  return marks + Math.PI * (1 / 6 + (4 / 6) * rng.uniform());
}

/** Draws defects into a picture and its mask, which marks pixels that are at least half defective. */
export function drawDefects(defects: readonly Defect[], { width, height, grey, mask }: Omit<Part, 'defects'>): void {
  for (const defect of defects) {
    const reach = Math.ceil(defect.length / 2 + defect.width) + 2;
    const [left, top] = [Math.floor(defect.x) - reach, Math.floor(defect.y) - reach];
    for (let y = Math.max(0, top); y < Math.min(height, top + 2 * reach); y++)
      for (let x = Math.max(0, left); x < Math.min(width, left + 2 * reach); x++) {
        let [sum, inside] = [0, 0];
        for (let sample = 0; sample < fine * fine; sample++) {
          const dx = x + ((sample % fine) + 0.5) / fine - defect.x;
          const dy = y + (Math.floor(sample / fine) + 0.5) / fine - defect.y;
          const effect = effects[defect.kind](defect, dx, dy);
          sum += effect.level;
          inside += effect.inside;
        }
        const at = y * width + x;
        grey[at] = Math.min(255, Math.max(0, Math.round(grey[at]! + (defect.contrast * sum) / fine ** 2)));
        if (2 * inside >= fine * fine) mask[at] = 255;
      }
  }
}

interface Effect {
  /** −1 where darkest. */
  readonly level: number;
  readonly inside: 0 | 1;
}

const effects: Readonly<Record<DefectKind, (defect: Defect, dx: number, dy: number) => Effect>> = {
  /** A dark bowl; of its rim, the side that faces the light is bright. */
  pit({ length }, dx, dy) {
    const radius = Math.hypot(dx, dy) / (length / 2);
    const rim = Math.max(0, 1 - ((radius - 0.95) / 0.2) ** 2);
    const facing = (dx + dy) / (Math.SQRT2 * Math.hypot(dx, dy) + 1e-6);
    const level = smoothstep(1, 0.7, radius) * -1 + 0.6 * rim * Math.max(0, facing);
    return { level, inside: radius < 1 ? 1 : 0 };
  },
  /** A slightly bent groove that ends softly, with a faint burr on one side. */
  scratch({ length, width, angle }, dx, dy) {
    const along = dx * Math.cos(angle) + dy * Math.sin(angle);
    const bent = (0.06 * along * along) / length;
    const across = dy * Math.cos(angle) - dx * Math.sin(angle) - bent;
    const end = smoothstep(length / 2, length / 2 - 8, Math.abs(along));
    const half = width / 2;
    const groove = smoothstep(half + 0.5, half - 0.5, Math.abs(across));
    const burr = Math.max(0, 1 - Math.abs(across - half - 1) / 1.2);
    return {
      level: end * (0.35 * burr - groove),
      inside: Math.abs(along) < length / 2 - 1 && Math.abs(across) < half + 0.1 ? 1 : 0,
    };
  },
};
