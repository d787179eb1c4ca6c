/**
 * What the use cases need from the outside for files and images; src/runtime implements it, tests
 * may fake it.
 */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in pixels from the top left corner. */
export interface Rect extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * `stretch` ignores the aspect (as anomalib's Resize does); `letterbox` keeps it and pads with the
 * mean colour of the edge.
 */
type Fit = 'stretch' | 'letterbox';

export interface Target extends Size {
  /** `stretch` where absent. */
  readonly fit?: Fit;
}

/** An image of exactly the size asked for. */
export interface RgbImage extends Size {
  /** [height, width, 3], 0 … 255. */
  readonly data: Uint8Array;
  /** Of a grey picture that fills the image: one channel, [height, width], which `data` repeats. */
  readonly grey?: Uint8Array;
  /** Where the picture lies; all of it for `stretch`. */
  readonly content: Rect;
  /** Size of the file's image as it is seen (EXIF rotation applied). */
  readonly original: Size;
  /** Its size as it is stored, where EXIF turns or mirrors it. */
  readonly stored?: Size | undefined;
}

/** A ground-truth mask of exactly the size asked for. */
export interface Mask extends Size {
  /** [height, width], 1 where defective; letterbox padding is 0. */
  readonly data: Uint8Array;
  /** Whether any pixel of the full-size mask is defective: a speck may vanish from `data`. */
  readonly hasDefect: boolean;
  readonly content: Rect;
  readonly original: Size;
}

/** Pixels to write: interleaved; 16 bits only for one channel. */
export interface Picture extends Size {
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array | Uint16Array;
  /** Stored in the file (EXIF ImageDescription), such as the scale of a 16-bit anomaly map. */
  readonly description?: string;
}

/** An image that was opened, to read it at several sizes. */
export interface ImageFile {
  /** As it is seen (EXIF rotation applied). */
  readonly size: Size;
  /** As it is stored, where EXIF turns or mirrors it. */
  readonly stored?: Size | undefined;
  /** Pixels as `Images.readImage` gives them, of each size as soon as it is there. */
  read(...targets: readonly Target[]): readonly Promise<RgbImage>[];
}

export interface PngOptions {
  /** False for what can be made again: quicker, but not yet on the disk when it returns. */
  readonly flush?: boolean;
  /** False for what is to be there at once: up to twice the size, sooner. */
  readonly compress?: boolean;
}

/** All reject with a UserError that names the file, what was wrong and the remedy. */
export interface Images {
  open(path: string): Promise<ImageFile>;
  readImage(path: string, target: Target): Promise<RgbImage>;
  readMask(path: string, target: Target): Promise<Mask>;
  /** At its own size. */
  readFullImage(path: string): Promise<RgbImage>;
  writePng(path: string, picture: Picture, options?: PngOptions): Promise<void>;
}

export interface Listing {
  /** Files, relative to the folder, with `/`, in natural order. */
  readonly paths: readonly string[];
  /** What could not be read: one line each. */
  readonly notes: readonly string[];
}

/** All reject with a UserError that names the file, what was wrong and the remedy. */
export interface Files {
  /** All files below a folder; hidden ones are left out. */
  list(folder: string): Promise<Listing>;
  exists(path: string): Promise<boolean>;
  read(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  /** sha256 of its content. */
  hash(path: string): Promise<string>;
  /** Writes under the final name only once complete; makes the folders above it. */
  write(path: string, content: Uint8Array | string): Promise<void>;
  /**
   * `fill` writes into a new folder, which then takes the place of `folder`; where it fails,
   * `folder` is as it was.
   */
  writeFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void>;
  remove(path: string): Promise<void>;
}
