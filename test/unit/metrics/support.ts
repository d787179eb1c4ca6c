import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PixelSample } from '../../../src/metrics/pixelSample.ts';

/** Parsed test/fixtures/metrics/`name`.json, written by scripts/oracle/metrics.py. */
export function fixture<T>(name: string): T {
  const file = path.resolve(import.meta.dirname, '../../fixtures/metrics', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

export function assertClose(actual: number, expected: number, message = '', tolerance = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${message}: ${actual}, expected ${expected}`);
}

export function assertAllClose(actual: ArrayLike<number>, expected: ArrayLike<number>, message: string): void {
  assert.equal(actual.length, expected.length, `${message}: length`);
  for (let i = 0; i < expected.length; i++) assertClose(actual[i]!, expected[i]!, `${message}[${i}]`);
}

/** Uniform numbers in [0, 1) from a seed (a 32-bit xorshift). */
export function random(seed: number): () => number {
  let state = seed * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Scores on `levels` levels, and labels with at least one of each class. */
export function randomItems(seed: number, count: number, levels: number): { scores: Float32Array; labels: Uint8Array } {
  const next = random(seed);
  const labels = Uint8Array.from({ length: count }, (_, i) => (i < 2 ? i : next() < 0.4 ? 1 : 0));
  const scores = Float32Array.from(labels, (label) => Math.floor(next() * levels + label) / levels - 0.5);
  return { scores, labels };
}

/** One image given as rows of digits: `map` in tenths, `mask` of 0 and 1. */
export function sample(map: readonly string[], mask?: readonly string[]): PixelSample {
  return {
    map: Float32Array.from(map.join(''), (digit) => Number(digit) / 10),
    mask: mask && Uint8Array.from(mask.join(''), Number),
    width: map[0]!.length,
    height: map.length,
  };
}

export interface ScoreCase {
  readonly name: string;
  readonly scores: Float32Array;
  readonly labels: Uint8Array;
  readonly auroc: number;
  readonly averagePrecision: number;
  readonly f1Max: { f1: number; flagsFrom: number; flagsNot: number | null; precision: number; recall: number };
  readonly confusion: { threshold: number; counts: number[] };
  /** [false-alarm rate, recall][] */
  readonly recallAt: [number, number][];
  readonly roc: [number[], number[], number[]] | null;
  readonly precisionRecall: [number[], number[], number[]] | null;
}

type Stored<T> = Omit<T, 'scores' | 'labels'> & { scores: (number | string)[]; labels: number[]; scale: number };

export function scoreCases(): ScoreCase[] {
  return fixture<Stored<ScoreCase>[]>('scores').map((stored) => ({
    ...stored,
    scores: Float32Array.from(stored.scores, (whole) => Number(whole) / stored.scale),
    labels: Uint8Array.from(stored.labels),
  }));
}

export interface PixelCase {
  readonly name: string;
  readonly samples: PixelSample[];
  readonly auroc: number;
  readonly averagePrecision: number;
  readonly f1Max: number;
  /** [threshold, F1, IoU][] */
  readonly overlap: [number, number, number][];
  /** [limit, value][] */
  readonly aupro: [number, number][];
  readonly pro: [number[], number[]] | null;
}

export function pixelCases(): PixelCase[] {
  type StoredPixels = PixelCase & { width: number; height: number; scale: number; maps: number[][]; masks: number[][] };
  return fixture<StoredPixels[]>('pixels').map((stored) => ({
    ...stored,
    samples: stored.maps.map((map, i) => ({
      map: Float32Array.from(map, (whole) => whole / stored.scale),
      mask: stored.masks[i]!.some(Boolean) ? Uint8Array.from(stored.masks[i]!) : undefined,
      width: stored.width,
      height: stored.height,
    })),
  }));
}
