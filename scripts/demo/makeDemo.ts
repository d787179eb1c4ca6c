import path from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { createRng } from '../../src/dataset/rng.ts';
import { atomicWrite } from '../../src/runtime/files/atomicWrite.ts';
import { writePng } from '../../src/runtime/images/imageWrite.ts';
import { defects, type DefectKind } from './defects.ts';
import { drawFlange, imageSize, type Drawing } from './flange.ts';
import { noiseTile } from './noise.ts';

export interface DemoOptions {
  readonly seed?: number;
  readonly train?: number;
  readonly testGood?: number;
  readonly perDefect?: number;
}

/**
 * Draws a small data set of our own in MVTec AD's layout: a turned steel flange, seen from above,
 * with scratches, dents and stains. The same seed gives the same pictures.
 *
 * @throws UserError where the folder can't be written
 * @returns the category's folder, `<folder>/flange`
 */
export async function makeDemo(folder: string, options: DemoOptions = {}): Promise<string> {
  const { seed = 7, train = 40, testGood = 10, perDefect = 6 } = options;
  const category = path.join(folder, 'flange');
  const rng = createRng(seed);
  const scene = { coarse: noiseTile(rng, 64), fine: noiseTile(rng, 512) };
  let next = 0;
  const draw = (kind?: DefectKind, size = 0): Drawing => {
    const own = createRng(seed * 100_003 + ++next);
    return drawFlange(own, scene, kind && defects[kind](own, size, scene.coarse));
  };
  const save = async (where: string, index: number, drawing: Drawing, maskOf?: string): Promise<void> => {
    const name = String(index).padStart(3, '0');
    const raw = { width: imageSize, height: imageSize };
    const rgb = sharp(drawing.rgb, { raw: { ...raw, channels: 3 } }).jpeg({ quality: 93, chromaSubsampling: '4:4:4' });
    await atomicWrite(path.join(category, where, `${name}.jpg`), await rgb.toBuffer());
    if (maskOf === undefined) return;
    const mask = path.join(category, 'ground_truth', maskOf, `${name}_mask.png`);
    await writePng(mask, { ...raw, channels: 1, data: drawing.mask });
  };
  for (let i = 0; i < train; i++) await save('train/good', i, draw());
  for (let i = 0; i < testGood; i++) await save('test/good', i, draw());
  for (const kind of Object.keys(defects) as DefectKind[]) {
    for (let i = 0; i < perDefect; i++) {
      await save(`test/${kind}`, i, draw(kind, perDefect > 1 ? i / (perDefect - 1) : 0.5), kind);
    }
  }
  return category;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(await makeDemo(process.argv[2] ?? 'demo'));
}
