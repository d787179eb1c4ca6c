import { drawScene, type Scene } from './scene.ts';

/** A longer side than this most programs refuse to paste. */
const largest = 4096;

/** The scene at the image's own size, as PNG. */
export async function exportPng(scene: Scene): Promise<Blob> {
  const { width, height } = scene.extent;
  const scale = Math.min(1, largest / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pane = { width: canvas.width, height: canvas.height };
  drawScene(canvas.getContext('2d')!, scene, { scale, x: 0, y: 0 }, pane);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('PNG')))));
}
