/**
 * What the engine's process offers to the extension (and, through it, to webviews). Maps are
 * row-major; paths absolute.
 */

import type { FolderCount } from '../dataset/dataset.ts';
import type { AnyRuns } from '../dataset/maskRuns.ts';
import type { FloatMap, Grid } from '../maps/floatMap.ts';
import type { Calibrated } from '../verdict/thresholds.ts';

/** A normal patch in the bank and where it came from. */
interface BankEntry {
  /** Path of the normal image it was taken from. */
  readonly image: string;
  /** The patch in that image, in its own pixels. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Neighbour extends BankEntry {
  /** Cosine similarity of the standardised features, −1 … 1. */
  readonly similarity: number;
}

export interface NeighboursRequest {
  readonly image: string;
  readonly detector: string;
  readonly x: number;
  readonly y: number;
  readonly count: number;
}

export interface StageNeighbours {
  readonly stage: string;
  readonly neighbours: readonly Neighbour[];
}

/**
 * One stage of the teacher: where its alarm is, and what the fusion attended to. Attention is
 * absent in instant mode.
 */
export interface StageResult {
  readonly name: string;
  readonly stride: number;
  /** This stage's share of the anomaly map, at its own resolution. */
  readonly anomalyMap: FloatMap;
  /** HAFM's spatial attention, 0 … 1. */
  readonly spatialAttention?: FloatMap;
  /** HAFM's channel attention, 0 … 1, one per channel. */
  readonly channelAttention?: Float32Array;
}

/** Normal images that set the image threshold although they score far above the other ones. */
export interface OddNormals {
  /** The highest score first. */
  readonly images: readonly { readonly path: string; readonly score: number }[];
  /** How many other normal images calibrated. */
  readonly others: number;
  /** What the image threshold would be without them. */
  readonly threshold: number;
}

export interface DetectorSummary extends Calibrated {
  readonly folder: string;
  readonly name: string;
  readonly mode: 'instant' | 'distilled';
  readonly teacher: string;
  /** Of its input, in pixels: images are brought to it. */
  readonly input: Grid;
  /** Region of interest, where it isn't all of an image; covers the whole image at any size. */
  readonly roi?: AnyRuns;
  readonly normalImages: number;
  readonly createdAt: string;
  /** Changes whenever the detector does. */
  readonly version: string;
  /** Worth a look: perhaps they aren't normal. */
  readonly oddNormals?: OddNormals;
}

export interface Detection {
  readonly image: string;
  /** Of the file's image as it is seen. */
  readonly original: Grid;
  readonly score: number;
  /**
   * The anomaly map, a quarter of the detector's input, before its last enlargement
   * (`anomalyMapOf`): little travels. Covers the whole image.
   */
  readonly anomalyGrid: FloatMap;
  readonly stages: readonly StageResult[];
  readonly detector: DetectorSummary;
  readonly executionProvider: string;
  readonly elapsedMs: number;
}

export interface DetectRequest {
  readonly image: string;
  readonly detector: string;
  /** One of many: no view opens meanwhile, so that every core may be used. */
  readonly many?: boolean;
}

/**
 * Of the teacher's numbers. `auto`: 16-bit floats where a trial finds them faster on the execution
 * provider.
 */
export const precisions = ['float32', 'float16', 'auto'] as const;
export type Precision = (typeof precisions)[number];

export interface TrainRequest {
  readonly folder: string;
  readonly out: string;
  readonly mode: 'instant' | 'distilled';
  readonly steps?: number;
  readonly seed?: number;
  /** Folders in it of normal images, where names don't tell; remembered with the dataset. */
  readonly normal?: readonly string[];
  /** `float32` where absent. */
  readonly precision?: Precision;
  /** Diameter of the smallest defect that matters, in pixels of the images. */
  readonly smallestDefect?: number;
  /** Share of normal images that may score above the threshold; 0.05 where absent. */
  readonly falseAlarmRate?: number;
  /** A mask's file: only where it isn't black do images count. */
  readonly roi?: string;
}

export interface EngineOptions {
  /** `auto`, `cpu`, `cuda`, `directml`, `coreml` or `webgpu`. */
  readonly executionProvider: string;
  /** 0: as many as there are cores. */
  readonly threads: number;
}

export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** Items (images or steps) a second, once known. */
  readonly rate?: number;
  readonly remainingMs?: number;
  readonly loss?: number;
}

/** One detection on CUDA beside the same on the processor. */
interface CudaReport {
  readonly cudaMs: number;
  readonly cpuMs: number;
  readonly maxDifference: number;
}

/**
 * Thresholds for another false-alarm rate come from the calibration scores; nothing here needs a
 * new inference.
 */
export interface Engine {
  configure(options: EngineOptions): Promise<void>;
  describe(detectorFolder: string): Promise<DetectorSummary>;
  detect(request: DetectRequest): Promise<Detection>;
  /**
   * The nearest normal patches at a position of the image (0 … 1 of its width and height), best
   * first, for each stage.
   */
  neighbours(request: NeighboursRequest): Promise<readonly StageNeighbours[]>;
  /**
   * The folders below one that the user has to say of which are normal before a training; none
   * where names tell, or the user said it before.
   */
  foldersToDecide(folder: string): Promise<readonly FolderCount[]>;
  train(request: TrainRequest): Promise<DetectorSummary>;
  /**
   * The image as PNG, as it is seen, its longer side at most `maxSide`: for formats that a webview
   * can't show.
   */
  picture(request: { readonly image: string; readonly maxSide: number }): Promise<Uint8Array>;
  doctor(): Promise<string>;
  /**
   * What installing CUDA would fetch, and where to, in lines for the user; rejects with the reason
   * where CUDA can't work here.
   */
  planCuda(): Promise<readonly string[]>;
  /**
   * Installs and proves it, or leaves nothing. `libraries`: CUDA's and cuDNN's as well, by the
   * user's pip.
   */
  installCuda(request: { readonly libraries: boolean }): Promise<CudaReport>;
  /** Whether there was anything to remove. */
  removeCuda(): Promise<boolean>;
}
