import { createRng, type Rng } from '../../src/dataset/rng.ts';
import { smoothstep } from '../../scripts/demo/noise.ts';
import { drawDefects, placeDefects, type Defect, type DefectKind } from './defects.ts';
import { margin, plateShape, type Shape } from './shape.ts';

/** A grey picture and where it is defective, both [height × width]. */
export interface Part {
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array;
  /** 255 where defective. */
  readonly mask: Uint8Array;
  readonly defects: readonly Defect[];
}

export interface PartOptions {
  readonly width: number;
  readonly height: number;
  /** The same seed gives the same part. */
  readonly seed: number;
  /** Where absent: a sound part. */
  readonly kind?: DefectKind | undefined;
  /** Smallest and largest diameter of a pit; a scratch follows from it. */
  readonly pit?: readonly [smallest: number, largest: number];
}

/** Sensor noise, standard deviation in grey levels. */
const sensorNoise = 2;
const block = 32;
const halfDiagonal = (block / 2) * Math.SQRT2;

/**
 * Draws a machined plate on a dark mat, as a grey line camera sees it: brushed metal and turned
 * bosses with marks one to several pixels wide at every size, bevelled edges, holes, an engraved
 * scale. Parts lie within a few pixels and 1° of one place. A defective part has 1 to 4 defects of
 * one kind, apart from each other and from edges.
 * @throws where the defects find no room: the image is smaller than some 300 px
 */
export function drawPart({ width, height, seed, kind, pit = [6, 24] }: PartOptions): Part {
  const rng = createRng(seed);
  const shape = plateShape(width, height);
  const picture = new Picture(shape, rng);
  const { grey } = picture;
  picture.draw();
  const mask = new Uint8Array(grey.length);
  const defects = kind ? placeDefects(kind, pit, shape, picture.pose, rng) : [];
  drawDefects(defects, { width, height, grey, mask });
  return { width, height, grey, mask, defects };
}

/** How a part lies in its image. */
export interface Pose {
  readonly centreX: number;
  readonly centreY: number;
  readonly cos: number;
  readonly sin: number;
}

function poseOf({ width, height, side }: Shape, rng: Rng): Pose {
  // Long parts would leave the image by a whole degree.
  const turn = Math.min(Math.PI / 180, (margin * side) / Math.max(width, height));
  const angle = turn * (2 * rng.uniform() - 1);
  const move = (): number => Math.min(6, Math.max(-6, 2.5 * rng.normal()));
  return { centreX: width / 2 + move(), centreY: height / 2 + move(), cos: Math.cos(angle), sin: Math.sin(angle) };
}

/** How bright a part is, how that falls off across and down, where turned metal shines. */
function lightOf(rng: Rng) {
  const near = (value: number, spread: number): number => value + spread * Math.min(2, Math.max(-2, rng.normal()));
  const [level, x, y, angle] = [near(1, 0.015), near(-0.1, 0.01), near(-0.06, 0.01), near(-0.9, 0.03)];
  return { level, x, y, cos: Math.cos(angle), sin: Math.sin(angle) };
}

/** Noise in −1 … 1 that repeats after as many cells as it has, powers of two. */
class Texture {
  readonly #values: Float32Array;
  readonly #columns: number;
  readonly #wrapX: number;
  readonly #wrapY: number;

  constructor(rng: Rng, columns: number, rows: number) {
    this.#values = Float32Array.from({ length: columns * rows }, () => 2 * rng.uniform() - 1);
    this.#columns = columns;
    this.#wrapX = columns - 1;
    this.#wrapY = rows - 1;
  }

  /** Bilinear, any coordinates, in cells. */
  at(x: number, y: number): number {
    const values = this.#values;
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [partX, partY] = [x - left, y - top];
    const [x0, x1] = [left & this.#wrapX, (left + 1) & this.#wrapX];
    const above = (top & this.#wrapY) * this.#columns;
    const below = ((top + 1) & this.#wrapY) * this.#columns;
    const first = values[above + x0]! + partX * (values[above + x1]! - values[above + x0]!);
    const second = values[below + x0]! + partX * (values[below + x1]! - values[below + x0]!);
    return first + partY * (second - first);
  }
}

/** One part's grey levels. */
class Picture {
  readonly grey: Uint8Array;
  readonly pose: Pose;
  readonly #shape: Shape;
  /** Brushed: thin across, long along; and short and cloudy ones. */
  readonly #brush: Texture;
  readonly #cloud: Texture;
  readonly #noise: Float32Array;
  readonly #light: ReturnType<typeof lightOf>;
  readonly #rng: Rng;

  constructor(shape: Shape, rng: Rng) {
    this.#shape = shape;
    this.#rng = rng;
    this.pose = poseOf(shape, rng);
    this.grey = new Uint8Array(shape.width * shape.height);
    this.#brush = new Texture(rng, 64, 4096);
    this.#cloud = new Texture(rng, 64, 64);
    this.#noise = Float32Array.from({ length: 1 << 16 }, () => sensorNoise * rng.normal());
    this.#light = lightOf(rng);
  }

  draw(): void {
    const { width, height, bevel } = this.#shape;
    const { centreX, centreY, cos, sin } = this.pose;
    // Nothing but the surface's own texture is this far from edges and marks.
    const clear = halfDiagonal + Math.max(bevel, 8);
    for (let top = 0; top < height; top += block)
      for (let left = 0; left < width; left += block) {
        const [dx, dy] = [left + block / 2 - centreX, top + block / 2 - centreY];
        const [x, y] = [dx * cos + dy * sin, dy * cos - dx * sin];
        const edge = this.#shape.edge(x, y);
        if (edge < -halfDiagonal - 1) this.#fill(left, top, 4, this.#mat);
        else if (edge < clear || this.#shape.mark(x, y) < clear) this.#fill(left, top, 1, this.#detail);
        else this.#fill(left, top, this.#shape.fromBoss(x, y) < this.#shape.boss ? 2 : 8, this.#metal);
      }
  }

  /**
   * Fills a block by what `level` gives for a position in the part's coordinates, plus noise.
   * @param step pixels of a row between which `level` is as good as linear; divides `block`
   */
  #fill(left: number, top: number, step: number, level: (x: number, y: number) => number): void {
    const { width, height } = this.#shape;
    const { centreX, centreY, cos, sin } = this.pose;
    const [right, bottom] = [Math.min(width, left + block), Math.min(height, top + block)];
    const [grey, noise] = [this.grey, this.#noise];
    for (let row = top; row < bottom; row++) {
      const dy = row + 0.5 - centreY;
      let dx = left + 0.5 - centreX;
      let value = level(dx * cos + dy * sin, dy * cos - dx * sin);
      let from = this.#rng.integer(noise.length);
      for (let start = left; start < right; start += step) {
        dx += step;
        const next = level(dx * cos + dy * sin, dy * cos - dx * sin);
        const rise = (next - value) / step;
        const end = Math.min(right, start + step);
        for (let i = row * width + start, to = row * width + end; i < to; i++, value += rise)
          grey[i] = Math.min(255, Math.max(0, value + noise[from++ & 0xffff]! + 0.5));
        value = next;
      }
    }
  }

  /** The mat, in the shadow of the part beside it. */
  #mat = (x: number, y: number): number => {
    const level = 30 + 4 * this.#cloud.at(x / 6, y / 6) + 3 * this.#cloud.at(x / 80, y / 80);
    const reach = 0.012 * this.#shape.side;
    return level * (1 - 0.6 * smoothstep(-1.5 * reach, reach, this.#shape.edge(x - reach, y - reach)));
  };

  /** The surface away from edges. */
  #metal = (x: number, y: number): number => {
    const { width, height, boss } = this.#shape;
    const { level, x: across, y: down, cos, sin } = this.#light;
    const lit = level * (1 + across * (x / width) + down * (y / height));
    const cloud = 3 * this.#cloud.at(x / 110 + 7, y / 110);
    const [dx, dy] = [this.#shape.fromBossX(x), this.#shape.fromBossY(y)];
    const squared = dx * dx + dy * dy;
    if (squared > boss * boss) {
      const long = this.#brush.at(x / 170, y * 0.62);
      const short = this.#brush.at(x / 31 + 11, y * 0.93 + 1311);
      return lit * 152 + cloud + 3.4 * long + 2.6 * short;
    }
    // Turned metal shines in a bow-tie across the light.
    const radius = Math.sqrt(squared);
    const along = (dx * cos + dy * sin) ** 2 / (squared + 1);
    const shine = along * along * along;
    const ring = this.#brush.at(3.5, radius * 0.37) + 0.6 * this.#brush.at(9.5, radius * 0.11);
    const uneven = this.#brush.at(dx / 60, dy / 60 + 700);
    return lit * (134 + 42 * shine) + cloud + (3 + 3 * shine) * ring + 1.5 * uneven;
  };

  /** Edges, marks, and what lies beside them. */
  #detail = (x: number, y: number): number => {
    const { bevel, boss } = this.#shape;
    const edge = this.#shape.edge(x, y);
    const metal = edge > -0.5 ? this.#onMetal(x, y, edge, bevel, boss) : 0;
    if (edge >= 0.5) return metal;
    const mat = this.#mat(x, y);
    return edge <= -0.5 ? mat : mat + (metal - mat) * (edge + 0.5);
  };

  #onMetal(x: number, y: number, edge: number, bevel: number, boss: number): number {
    let level = this.#metal(x, y);
    if (edge < bevel) {
      // A bevel falls towards the edge: bright where it faces the light from the upper left.
      const [slopeX, slopeY] = [this.#shape.edge(x + 0.5, y) - edge, this.#shape.edge(x, y + 0.5) - edge];
      const steep = Math.min(1, bevel - edge);
      level += steep * 70 * (slopeX + slopeY + 0.1);
    }
    const beside = this.#shape.fromBoss(x, y) - boss;
    const groove = Math.abs(beside) < 8 ? Math.exp((-beside * beside) / 6) : 0;
    return level - 60 * groove - 55 * this.#shape.scale(x, y);
  }
}
