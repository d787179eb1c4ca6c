import { t } from './l10n.ts';

/** An image as it is drawn: at full size and, where it is large, halved again and again. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** The smallest level that still has a pixel for every pixel drawn at `scale`. */
  level(scale: number): Level;
}

export interface Level {
  readonly source: HTMLImageElement | ImageBitmap;
  readonly width: number;
  readonly height: number;
}

type Fallback = () => Promise<Uint8Array>;

/** Below this many pixels the browser's own scaling is fast enough. */
const smallEnough = 4e6;

/** Loads an image; one that the browser can't show is asked for as PNG. Rejects with a message for the user. */
export async function loadPicture(uri: string | undefined, fallback: Fallback): Promise<Picture> {
  const image = await loadImage(uri, fallback);
  const { naturalWidth: width, naturalHeight: height } = image;
  const levels: Level[] = [{ source: image, width, height }];
  const picture: Picture = {
    width,
    height,
    level(scale) {
      const wanted = Math.max(0, Math.floor(Math.log2(1 / scale)));
      return levels[Math.min(wanted, levels.length - 1)]!;
    },
  };
  if (width * height > smallEnough) await halve(image, levels);
  return picture;
}

async function loadImage(uri: string | undefined, fallback: Fallback): Promise<HTMLImageElement> {
  if (uri !== undefined) {
    const image = await decoded(uri).catch(() => undefined);
    if (image) return image;
  }
  const png = await fallback();
  const url = URL.createObjectURL(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
  try {
    return await decoded(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function decoded(uri: string): Promise<HTMLImageElement> {
  const image = new Image();
  // Without it, a canvas it was drawn on could not be copied.
  image.crossOrigin = 'anonymous';
  image.src = uri;
  await image.decode();
  if (!image.naturalWidth) throw new Error(t('The image could not be decoded.'));
  return image;
}

async function halve(image: HTMLImageElement, levels: Level[]): Promise<void> {
  let [width, height] = [image.naturalWidth, image.naturalHeight];
  while (Math.max(width, height) > 512) {
    width = Math.ceil(width / 2);
    height = Math.ceil(height / 2);
    const options: ImageBitmapOptions = { resizeWidth: width, resizeHeight: height, resizeQuality: 'medium' };
    levels.push({ source: await createImageBitmap(levels.at(-1)!.source, options), width, height });
  }
}
