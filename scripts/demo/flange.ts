import type { Rng } from '../../src/dataset/rng.ts';
import type { Defect } from './defects.ts';
import { fractal, smoothstep, type NoiseTile } from './noise.ts';

export const imageSize = 320;

const outerRadius = 126;
const boreRadius = 44;
const holeRadius = 11.5;
const holeCircle = 92;
const keyway = { halfWidth: 9, depth: 13 };
const bevelWidth = 4.5;

/** Grey or RGB pictures of imageSize². */
export interface Drawing {
  readonly rgb: Uint8Array;
  /** 255 where defective. */
  readonly mask: Uint8Array;
}

/** What never changes between the pictures of a set: tool marks, the mat. */
export interface Scene {
  readonly coarse: NoiseTile;
  readonly fine: NoiseTile;
}

/**
 * Draws one turned steel flange on a rubber mat, as a camera above a bench sees it; `rng` decides
 * pose, light and grain.
 */
export function drawFlange(rng: Rng, scene: Scene, defect?: Defect): Drawing {
  const view = new View(rng, scene, defect);
  const { colour } = view;
  const rgb = new Uint8Array(imageSize * imageSize * 3);
  const mask = new Uint8Array(imageSize * imageSize);
  for (let y = 0, i = 0; y < imageSize; y++) {
    for (let x = 0; x < imageSize; x++, i++) {
      let marked = view.shade(x + 0.5, y + 0.5) ? 1 : 0;
      let samples = 1;
      let [r, g, b] = colour;
      // Only edges and defects have detail finer than a pixel.
      if (view.detailed) {
        for (; samples <= 4; samples++) {
          if (view.shade(x + (samples % 2 ? 0.25 : 0.75), y + (samples > 2 ? 0.75 : 0.25))) marked++;
          r += colour[0];
          g += colour[1];
          b += colour[2];
        }
      }
      const grain = rng.normal() * 1.1;
      rgb[3 * i] = encode(r / samples) + grain + rng.uniform();
      rgb[3 * i + 1] = encode(g / samples) + grain + rng.uniform();
      rgb[3 * i + 2] = encode(b / samples) + grain + rng.uniform();
      mask[i] = marked * 2 >= samples ? 255 : 0;
    }
  }
  return { rgb, mask };
}

/** How one picture is taken. Draws from `rng` in another order would make another demo set. */
function takenBy(rng: Rng) {
  const centre = [imageSize / 2 + rng.normal() * 2.2, imageSize / 2 + rng.normal() * 2.2] as const;
  const angle = clamp(rng.normal() * 0.05, -0.12, 0.12);
  const lightAngle = -2.2 + clamp(rng.normal() * 0.07, -0.15, 0.15);
  const light = unit([Math.cos(lightAngle) * 0.55, Math.sin(lightAngle) * 0.55, 1]);
  return {
    centre,
    cos: Math.cos(angle),
    sin: Math.sin(angle),
    light,
    half: unit([light[0], light[1], light[2] + 1]),
    exposure: 1 + clamp(rng.normal() * 0.03, -0.07, 0.07),
    warmth: clamp(rng.normal() * 0.012, -0.03, 0.03),
    marks: rng.uniform() * 500,
    mat: [rng.uniform() * 100, rng.uniform() * 100] as const,
    grooveStrength: 0.8 + 0.4 * rng.uniform(),
  };
}

/** The scene as one picture shows it. */
class View {
  /** What `shade` saw last: linear colour. */
  readonly colour: [number, number, number] = [0, 0, 0];
  /** What `shade` saw last: an edge or a defect, finer than a pixel. */
  detailed = false;
  readonly #scene: Scene;
  readonly #defect: Defect | undefined;
  readonly #taken: ReturnType<typeof takenBy>;

  constructor(rng: Rng, scene: Scene, defect: Defect | undefined) {
    this.#scene = scene;
    this.#defect = defect;
    this.#taken = takenBy(rng);
  }

  /**
   * Sets `colour` and `detailed` for the image position (x, y); returns whether the defect shows
   * there.
   */
  shade(x: number, y: number): boolean {
    const { centre, cos, sin, light, exposure } = this.#taken;
    const [dx, dy] = [x - centre[0], y - centre[1]];
    // Coordinates of the part.
    const px = dx * cos + dy * sin;
    const py = -dx * sin + dy * cos;
    const distance = edgeDistance(px, py);
    this.detailed = Math.abs(distance) < 1.2;
    const vignette = 1 - 0.16 * ((x / imageSize - 0.5) ** 2 + (y / imageSize - 0.5) ** 2) * 2;
    const gradient = 1 + 0.1 * (light[0] * (x / imageSize - 0.5) + light[1] * (y / imageSize - 0.5)) * 2;
    const lit = exposure * vignette * gradient;
    if (distance <= 0) {
      this.#shadeMat(x, y, px, py, lit);
      return false;
    }
    const effect = this.#defect?.(px, py);
    if (effect) this.detailed = true;
    this.#shadeMetal({ x, y, dx, dy, px, py, distance }, lit, effect);
    return effect?.marked ?? false;
  }

  #shadeMat(x: number, y: number, px: number, py: number, lit: number): void {
    const { cos, sin, mat } = this.#taken;
    const shadow = smoothstep(-9, 5, edgeDistance(px - 5.5 * cos - 7 * sin, py + 5.5 * sin - 7 * cos));
    const pores = fractal(this.#scene.fine, x * 0.45 + mat[0], y * 0.45 + mat[1], 2);
    const cloud = this.#scene.coarse.at(x * 0.02 + mat[0], y * 0.02 + mat[1]);
    const value = (0.047 + 0.013 * pores + 0.006 * cloud) * lit * (1 - 0.72 * shadow);
    this.colour[0] = value * 0.92;
    this.colour[1] = value;
    this.colour[2] = value * 1.12;
  }

  #shadeMetal({ x, y, dx, dy, px, py, distance }: Place, lit: number, effect: ReturnType<Defect>): void {
    const { coarse, fine } = this.#scene;
    const { cos, sin, light, half, warmth, marks, grooveStrength } = this.#taken;
    const radius = Math.sqrt(px * px + py * py);
    // Radial and tangential direction in the image.
    const [rx, ry] = [dx / (radius || 1), dy / (radius || 1)];
    const bevel = Math.max(0, 1 - distance / bevelWidth);
    const groove =
      grooveStrength * (0.5 * fine.at(radius * 1.1 + marks, 3.3) + 0.5 * fine.at(radius * 2.7 + marks, 8.8));
    // Slopes: bevel falls towards the edge; turning marks tilt radially; the defect adds its own.
    let nx = -bevel * 1.1 * (edge.gx * cos - edge.gy * sin) + 0.035 * groove * rx;
    let ny = -bevel * 1.1 * (edge.gx * sin + edge.gy * cos) + 0.035 * groove * ry;
    if (effect) {
      nx -= effect.slopeX * cos - effect.slopeY * sin;
      ny -= effect.slopeX * sin + effect.slopeY * cos;
    }
    const length = Math.sqrt(nx * nx + ny * ny + 1);
    const [ux, uy, uz] = [nx / length, ny / length, 1 / length];
    const diffuse = Math.max(0, ux * light[0] + uy * light[1] + uz * light[2]);
    const normalHalf = Math.max(0, ux * half[0] + uy * half[1] + uz * half[2]);
    const tangentHalf = half[0] * -ry + half[1] * rx;
    // Turned metal shines in a bow-tie: wide across the marks, narrow along them.
    const along = Math.exp(-(tangentHalf * tangentHalf) / 0.02);
    const shine = 0.46 * along * normalHalf ** 9 * (1 - bevel) + 0.75 * bevel * normalHalf ** 24;
    const streak = 1 + 0.06 * groove + 0.03 * fine.at(x * 1.7 + marks, y * 1.7);
    const patina = 1 + 0.03 * coarse.at(px * 0.03 + marks, py * 0.03);
    const value = (0.16 * diffuse + shine + 0.025) * streak * patina * lit;
    const tint = effect?.tint ?? noTint;
    this.colour[0] = value * (0.98 + warmth) * tint[0];
    this.colour[1] = value * tint[1];
    this.colour[2] = value * (1.03 - warmth) * tint[2];
  }
}

/** A position on the metal. */
interface Place {
  /** In the image. */
  readonly x: number;
  readonly y: number;
  /** From the part's middle, in the image's directions. */
  readonly dx: number;
  readonly dy: number;
  /** In the part's coordinates. */
  readonly px: number;
  readonly py: number;
  /** To the nearest edge. */
  readonly distance: number;
}

const noTint = [1, 1, 1] as const;

/**
 * Result of edgeDistance: distance to the nearest edge, positive on metal, and its gradient, in the
 * part's coordinates.
 */
const edge = { distance: 0, gx: 0, gy: 0 };

function nearer(distance: number, gx: number, gy: number): void {
  if (distance >= edge.distance) return;
  edge.distance = distance;
  edge.gx = gx;
  edge.gy = gy;
}

/** Sets `edge` for a point of the part and returns the distance. */
function edgeDistance(x: number, y: number): number {
  const radius = Math.sqrt(x * x + y * y) || 1e-6;
  edge.distance = Infinity;
  nearer(outerRadius - radius, -x / radius, -y / radius);
  nearer(radius - boreRadius, x / radius, y / radius);
  // The four holes by symmetry: the one in this quadrant.
  const hx = x - Math.sign(x) * holeCircle * Math.SQRT1_2;
  const hy = y - Math.sign(y) * holeCircle * Math.SQRT1_2;
  const toHole = Math.sqrt(hx * hx + hy * hy) || 1e-6;
  nearer(toHole - holeRadius, hx / toHole, hy / toHole);
  // Keyway: a slot from the bore along +x.
  const beyond = x - boreRadius - keyway.depth;
  const beside = Math.abs(y) - keyway.halfWidth;
  if (x > 0) {
    const corner = Math.sqrt(beyond * beyond + beside * beside) || 1e-6;
    if (beyond > 0 && beside > 0) nearer(corner, beyond / corner, (Math.sign(y) * beside) / corner);
    else if (beyond > beside) nearer(beyond, 1, 0);
    else nearer(beside, 0, Math.sign(y));
  }
  return edge.distance;
}

/**
 * Linear light → 0 … 255 with a soft shoulder and the sRGB curve; the highlights never clip hard.
 */
function encode(linear: number): number {
  const soft = linear < 0.6 ? linear : 0.6 + 0.4 * (1 - Math.exp(-(linear - 0.6) / 0.4));
  const srgb = soft <= 0.0031308 ? 12.92 * soft : 1.055 * soft ** (1 / 2.4) - 0.055;
  return clamp(255 * srgb, 3, 251);
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

function unit(v: readonly [number, number, number]): [number, number, number] {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
}
