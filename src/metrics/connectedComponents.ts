/** Regions of a mask. */
export interface Components {
  /**
   * [height × width]: 0 = background, else the region's number from 1, in raster order of the
   * regions' first pixels.
   */
  readonly labels: Uint32Array;
  /** Pixels of each region: region r has `areas[r − 1]`. */
  readonly areas: Uint32Array;
}

/**
 * Labels the 8-connected regions of non-zero pixels: two raster passes over a union–find forest
 * that lives in `labels` itself while it grows.
 * @param mask [height × width], non-zero = foreground
 * @throws if the mask doesn't have width × height values
 */
export function connectedComponents(mask: Uint8Array, width: number, height: number): Components {
  if (mask.length !== width * height) {
    throw new Error(`The mask has ${mask.length} values, expected ${width} × ${height}.`);
  }
  // First pass: parent[i] is 1 + the index of a pixel of the same region, never a later one; 0 =
  // background.
  const parent = new Uint32Array(mask.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!mask[i]) continue;
      parent[i] = i + 1;
      // The pixel above touches both its neighbours, so if it is set, they are already one region
      // with it.
      if (y > 0 && mask[i - width]) join(parent, i, i - width);
      else if (y > 0 && x > 0 && mask[i - width - 1]) join(parent, i, i - width - 1);
      else if (x > 0 && mask[i - 1]) join(parent, i, i - 1);
      if (y > 0 && x + 1 < width && mask[i - width + 1] && !mask[i - width]) join(parent, i, i - width + 1);
    }
  }
  // Second pass: a parent precedes its children, so it already holds its final number when they
  // ask.
  const areas: number[] = [];
  for (let i = 0; i < parent.length; i++) {
    const up = parent[i]!;
    if (up === 0) continue;
    const label = up === i + 1 ? areas.push(0) : parent[up - 1]!;
    parent[i] = label;
    areas[label - 1]!++;
  }
  return { labels: parent, areas: Uint32Array.from(areas) };
}

/** A region's bounding box, in pixels; `right` and `bottom` lie just outside. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * The bounding box of each region, in the regions' order.
 * @param width of the mask that was labelled
 */
export function boxesOf({ labels, areas }: Components, width: number): Box[] {
  const boxes = Array.from(areas, () => ({ left: width, top: Infinity, right: 0, bottom: 0 }));
  labels.forEach((label, i) => {
    if (label === 0) return;
    const box = boxes[label - 1]!;
    const [x, y] = [i % width, Math.floor(i / width)];
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + 1);
    box.bottom = Math.max(box.bottom, y + 1);
  });
  return boxes;
}

/** Makes the earlier root of pixels `a` and `b` the root of both. */
function join(parent: Uint32Array, a: number, b: number): void {
  const rootA = rootOf(parent, a);
  const rootB = rootOf(parent, b);
  if (rootA < rootB) parent[rootB] = rootA + 1;
  else parent[rootA] = rootB + 1;
}

/** The root pixel of `i`'s region; halves the path on the way. */
function rootOf(parent: Uint32Array, i: number): number {
  while (parent[i] !== i + 1) {
    const up = parent[i]! - 1;
    parent[i] = parent[up]!;
    i = parent[i]! - 1;
  }
  return i;
}
