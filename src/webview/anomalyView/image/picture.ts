import { LruMap } from '../../../common/lruMap.ts';
import { t } from '../../ui/l10n.ts';
import { pyramidSizes, tilesOf, visibleTiles, type Tile } from './pyramid.ts';
import type { Extent, Viewport } from './viewport.ts';

/**
 * An image as it is drawn: tiles at full size and, where it is large, at halves again and again.
 */
export interface Picture extends Extent {
  readonly levels: readonly Level[];
}

interface Level extends Extent {
  readonly tiles: readonly (Tile & { readonly source: ImageBitmap | HTMLImageElement })[];
}

type Fallback = () => Promise<Uint8Array>;

/**
 * Loads an image; one that the browser can't show is asked for as PNG. Rejects with a message for
 * the user.
 * @param given its file or the image itself, where that is here already
 */
export async function loadPicture(
  uri: string | undefined,
  fallback: Fallback,
  given?: Uint8Array | HTMLImageElement,
): Promise<Picture> {
  const whole = (uri !== undefined && (await decoded(uri, given).catch(() => undefined))) || (await asPng(fallback));
  const { width, height } = whole;
  const sizes = pyramidSizes({ width, height });
  const levels: Level[] = [];
  let source = whole;
  for (const [index, size] of sizes.entries()) {
    if (index > 0) {
      const options: ImageBitmapOptions = {
        resizeWidth: size.width,
        resizeHeight: size.height,
        resizeQuality: 'medium',
      };
      const half = await createImageBitmap(source, options);
      levels.push(await cut(source, sizes[index - 1]!));
      source = half;
    }
  }
  levels.push(await cut(source, sizes.at(-1)!));
  return { width, height, levels };
}

/** An image as it is in the page: for the first drawing. Undefined where it isn't loaded. */
export function pictureOf(image: HTMLImageElement): Picture | undefined {
  const { complete, naturalWidth: width, naturalHeight: height } = image;
  if (!complete || width === 0) return undefined;
  return { width, height, levels: [{ width, height, tiles: [{ left: 0, top: 0, width, height, source: image }] }] };
}

/**
 * By fetch: an `<img>` that still loads would hold up the page's `load` event, which VS Code shows
 * a webview at.
 */
async function decoded(uri: string, given: Uint8Array | HTMLImageElement | undefined): Promise<ImageBitmap> {
  if (given)
    return createImageBitmap(given instanceof Uint8Array ? new Blob([given as Uint8Array<ArrayBuffer>]) : given);
  const response = await fetch(uri);
  if (!response.ok) throw new Error(response.statusText);
  return createImageBitmap(await response.blob());
}

async function asPng(fallback: Fallback): Promise<ImageBitmap> {
  const png = await fallback();
  return createImageBitmap(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' })).catch(() => {
    throw new Error(t('The image could not be decoded.'));
  });
}

/** Tiles, so that a drawing touches only what is seen; lets `whole` go where it was cut up. */
async function cut(whole: ImageBitmap, size: Extent): Promise<Level> {
  const [only, ...others] = tilesOf(size);
  if (others.length === 0) return { ...size, tiles: [{ ...only!, source: whole }] };
  const tiles = await Promise.all(
    [only!, ...others].map(async (tile) => ({
      ...tile,
      source: await createImageBitmap(whole, tile.left, tile.top, tile.width, tile.height),
    })),
  );
  whole.close();
  return { ...size, tiles };
}

/** From here on pixels are shown as squares. */
const pixelated = 3;

/**
 * Draws what a pane sees of a picture that lies in it at `view`, from the level that has just
 * enough pixels.
 */
export function drawPicture(
  context: CanvasRenderingContext2D,
  picture: Picture,
  view: Viewport,
  pane: Extent,
  smooth = view.scale < pixelated,
): void {
  const ratio = context.getTransform().a;
  const { levels } = picture;
  const level = levels[Math.min(levels.length - 1, Math.max(0, Math.floor(Math.log2(1 / (view.scale * ratio)))))]!;
  const [sx, sy] = [(view.scale * picture.width) / level.width, (view.scale * picture.height) / level.height];
  context.imageSmoothingEnabled = smooth;
  // Between levels at most every second pixel is left out; without levels the browser has to look
  // closer.
  context.imageSmoothingQuality = levels.length > 1 ? 'low' : 'high';
  // At whole pixels of the screen, or the seams would show.
  const snap = (at: number): number => Math.round(at * ratio) / ratio;
  const seen = { left: -view.x / sx, top: -view.y / sy, width: pane.width / sx, height: pane.height / sy };
  for (const { source, left, top, width, height } of visibleTiles(level.tiles, seen)) {
    const [x0, y0] = [snap(view.x + left * sx), snap(view.y + top * sy)];
    const [x1, y1] = [snap(view.x + (left + width) * sx), snap(view.y + (top + height) * sy)];
    context.drawImage(source, x0, y0, x1 - x0, y1 - y0);
  }
}

/** As many pixels of pictures are kept as one of 60 megapixels has. */
const keptPixels = 6e7;

/** Pictures that are asked for again and again; those not asked for in a while are let go. */
export function pictureCache(): (key: string, load: () => Promise<Picture>) => Promise<Picture> {
  const kept = new LruMap<string, { readonly loading: Promise<Picture>; pixels: number }>(keptPixels, {
    sizeOf: ({ pixels }) => pixels,
  });
  return (key, load) => {
    const known = kept.get(key);
    if (known) return known.loading;
    const entry = { loading: load(), pixels: 0 };
    kept.set(key, entry);
    entry.loading.then(
      ({ width, height }) => {
        entry.pixels = width * height;
        // Its size is known only now; the oldest make room.
        if (kept.has(key)) kept.set(key, entry);
      },
      () => kept.delete(key),
    );
    return entry.loading;
  };
}
