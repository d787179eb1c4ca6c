/**
 * `npm run check:python`: detector.onnx gives the same anomaly map in Python's onnxruntime as in
 * Node.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { defaultConfig, defaultStudent, type DetectorConfig } from '../../src/nferd/config.ts';
import { images } from '../../src/runtime/images/images.ts';
import { writeNpy } from '../../src/runtime/files/npy.ts';
import { enginePorts } from '../../src/runtime/ports.ts';
import { openDetector } from '../../src/services/detect/openDetector.ts';
import { detect } from '../../src/services/detect/detect.ts';
import { resolveTeacher } from '../../src/services/teacher/teacherStore.ts';
import { trainDetector } from '../../src/services/train/trainDetector.ts';
import { makeDemo } from '../demo/makeDemo.ts';

const root = path.resolve(import.meta.dirname, '../..');
const venv = path.join(root, '.venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const python = process.env['NFERD_PYTHON'] ?? venv;
if (!process.env['NFERD_PYTHON'] && !existsSync(venv)) {
  console.error(
    `${venv}: missing. Make it (onnxruntime, numpy, pillow), or set NFERD_PYTHON to a Python that has them.`,
  );
  process.exit(2);
}

/**
 * As small as keeps every part of the graph: several views, banks of both cell sizes, student,
 * fusion.
 */
const config: DetectorConfig = {
  ...defaultConfig,
  inputSize: 128,
  bank: { ...defaultConfig.bank, entries: [128, 256, 256] },
  student: { ...defaultStudent, widths: [16, 16, 32], embedding: 32, steps: 10 },
};

const folder = await mkdtemp(path.join(os.tmpdir(), 'nferd-python-'));
try {
  const ports = enginePorts({ executionProvider: 'cpu', threads: 1 });
  const demo = await makeDemo(folder, { train: 8, testGood: 1, perDefect: 1 });
  const good = path.join(demo, 'train', 'good');
  const models = path.join(root, 'models');
  const { detector } = await trainDetector(
    {
      images: (await readdir(good)).sort().map((name) => path.join(good, name)),
      source: good,
      out: path.join(folder, 'detector'),
      name: 'check',
      teacher: await resolveTeacher('efficientnet-lite0', { shipped: models, user: models }, ports),
      config,
      seed: 1,
      falseAlarmRate: 0.05,
      createdAt: new Date().toISOString(),
    },
    ports,
    { clock: () => performance.now() },
  );
  // A picture of the detector's own size: what is compared is the model, not two ways to resize.
  const test = path.join(demo, 'test');
  const defect = (await readdir(test)).find((name) => name !== 'good')!;
  const { data } = await images.readImage(path.join(test, defect, '000.jpg'), { width: 128, height: 128 });
  const image = path.join(folder, 'image.png');
  await images.writePng(image, { width: 128, height: 128, channels: 3, data });
  const { score, anomalyMap } = await detect(image, await openDetector(detector, ports), ports);
  const map = path.join(folder, 'map.npy');
  await writeNpy(map, { shape: [anomalyMap.height, anomalyMap.width], data: anomalyMap.data });
  console.log(`onnxruntime (Node): score ${score.toFixed(6)}, ${defect}`);
  const script = path.join(root, 'scripts/oracle/nferd.py');
  const { status, error } = spawnSync(python, [script, 'compare', detector.folder, image, map], { stdio: 'inherit' });
  if (error)
    console.error(`${python}: ${error.message}. Set NFERD_PYTHON to a Python with onnxruntime, numpy, pillow.`);
  process.exitCode = status ?? 2;
} finally {
  await rm(folder, { recursive: true });
}
