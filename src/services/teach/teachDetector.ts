import { detectorModel, type TeacherModel, type TrainedView } from '../../nferd/detectorModel.ts';
import { inputShape } from '../../nferd/config.ts';
import { stagesOf } from '../../nferd/stages.ts';
import type { Triple } from '../../nferd/teacher/spec.ts';
import type { NormalRegion } from '../../protocol/inspection.ts';
import { calibrate } from '../train/calibrate.ts';
import { openDetector } from '../detect/openDetector.ts';
import { contentsOf, provenanceOf, saveDetector, type Detector, type DetectorRecord } from '../detect/detectorStore.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { asUserErrors, UserError } from '../ports/errors.ts';
import { extractFeatures } from '../train/features.ts';
import { notFinite } from '../detect/finite.ts';
import { imageInput } from '../detect/imageInput.ts';
import { teacherModelOf } from '../train/precision.ts';
import type { Watch } from '../ports/progress.ts';
import { cellsOf, extendBank, type Cell, type TaughtCells } from './teachCells.ts';
import { packState, unpackState } from '../detect/detectorState.ts';
import type { Teacher } from '../teacher/teacherStore.ts';

export interface TeachRequest {
  readonly detector: Detector;
  /** Images with absolute paths. */
  readonly regions: readonly NormalRegion[];
  readonly out: string;
  readonly name: string;
  readonly teacher: Teacher;
  readonly createdAt: string;
}

export interface Taught {
  readonly detector: Detector;
  /** Bank entries added, over all stages. */
  readonly added: number;
  /** What the user should know: one line each. */
  readonly notes: readonly string[];
}

/** Fewer of the held-out images than this share, and the old calibration is the better one. */
const enoughHeldOut = 0.5;

/**
 * A new detector whose banks also hold what these places look like; the old one stays. Only places
 * that looked unusual are added (their distance to the bank is above that of a usual normal image):
 * the others are known. Scales and thresholds are calibrated anew, as in training, on the held-out
 * images that are still there. A distilled detector's student stays as it is: its banks change,
 * which its fusion reads.
 * @throws UserError, Cancelled
 */
export async function teachDetector(request: TeachRequest, ports: EnginePorts, watch: Watch): Promise<Taught> {
  const { detector, regions, teacher } = request;
  const { config } = detector.record;
  const views = await loadViews(detector, ports);
  const model = teacherModelOf(teacher, config);
  if (teacher.spec.sha256 !== detector.record.teacher.sha256)
    throw new UserError(
      `${detector.folder}: was trained with another ${teacher.spec.name} than the one installed. ` +
        'Install that one, or train again.',
    );
  const wanted = [...new Set(regions.map(({ image }) => image))];
  const features = await extractFeatures(wanted, model, config, ports, watch);
  if (features.images.length === 0)
    throw new UserError(features.failures[0] ?? `${detector.folder}: nothing to teach. Choose an image.`);
  const unusual = await unusualCells(detector, features.images, ports);
  const images = [...detector.record.images];
  const indices = features.images.map((image) => {
    const known = images.indexOf(image);
    return known >= 0 ? known : images.push(image) - 1;
  });

  let added = 0;
  const stages = stagesOf(config);
  const taughtViews = views.map((view, v): TrainedView => {
    const banks = view.banks.map((bank, s) => {
      if (config.map.bankWeights[s]! * config.map.viewWeights[v]! === 0) return bank;
      const { name, rows, columns } = stages.find((stage) => stage.view === v && stage.stage === s)!;
      const taught = features.images.map((image, at): TaughtCells => {
        const touched = new Map<string, Cell>();
        for (const place of regions)
          if (place.image === image)
            for (const cell of cellsOf(place, { width: columns, height: rows }))
              if (unusual[at]![name]![cell.row * columns + cell.column]! > 0)
                touched.set(`${cell.row} ${cell.column}`, cell);
        return {
          image: indices[at]!,
          map: features.maps[v]![s]![at]!,
          width: columns * config.bank.cells[s]!,
          cells: [...touched.values()],
        };
      });
      added += taught.reduce((sum, { cells: found }) => sum + found.length, 0);
      return extendBank(bank, taught, config.bank.cells[s]!, view.statistics[s]!);
    });
    return { ...view, banks: [banks[0]!, banks[1]!, banks[2]!] satisfies Triple<unknown> };
  });
  if (added === 0)
    throw new UserError(`${wanted[0]}: nothing there looks unusual to the detector, so there is nothing to teach.`);

  const { calibration, calibrated, notes } = await recalibrate(
    detector.record,
    images,
    model,
    taughtViews,
    ports,
    watch,
  );
  const { version, taught: before = [] } = { version: detector.record.model.sha256.slice(0, 12), ...detector.record };
  const { format: _, formatVersion: _version, model: _model, state: _state, ...record } = detector.record;
  const made = await saveDetector(
    request.out,
    {
      ...record,
      name: request.name,
      createdAt: request.createdAt,
      images,
      ...(record.contents && { contents: await contentsOf(features.images, ports.files, record.contents) }),
      provenance: provenanceOf(calibrated),
      calibration,
      taught: [...before, { version, places: regions.length }],
    },
    detectorModel(model, config, calibrated, { metadata: { nferd: request.name, teacher: teacher.spec.name } }),
    ports,
    packState(calibrated),
  );
  const student = config.student
    ? ['The student is the one that was trained: only the banks know the new places. Train again to teach the student.']
    : [];
  return { detector: made, added, notes: [...features.failures, ...student, ...notes] };
}

async function loadViews({ folder, record }: Detector, { files, sha256 }: EnginePorts): Promise<TrainedView[]> {
  const again = 'Train the detector again.';
  if (!record.state) throw new UserError(`${folder}: was trained by an older version and can't be taught. ${again}`);
  const path = `${folder}/${record.state.file}`;
  if (!(await files.exists(path))) throw new UserError(`${path}: missing, so the detector can't be taught. ${again}`);
  const bytes = await files.read(path);
  if (sha256(bytes) !== record.state.sha256)
    throw new UserError(`${path}: damaged (its checksum differs from detector.json's). ${again}`);
  return asUserErrors(() => unpackState(bytes));
}

/**
 * Each image's bank maps by the detector as it is: above 0 where a place is further from the bank
 * than usual.
 */
async function unusualCells(
  detector: Detector,
  images: readonly string[],
  ports: EnginePorts,
): Promise<Record<string, Float32Array>[]> {
  const { config } = detector.record;
  const size = inputShape(config);
  const names = stagesOf(config).map(({ name }) => name);
  const outputs = names.map((name) => `bank_map/${name}`);
  const loaded = await openDetector(detector, ports, { outputs, once: true });
  const { session } = loaded;
  try {
    const maps: Record<string, Float32Array>[] = [];
    for (const image of images) {
      const input = imageInput([await ports.images.readImage(image, size)]);
      const found = await session.run({ image: input }, outputs);
      const broken = notFinite(image, found, loaded, outputs);
      if (broken !== undefined) throw new UserError(broken);
      maps.push(Object.fromEntries(names.map((name) => [name, found[`bank_map/${name}`]!.data as Float32Array])));
    }
    return maps;
  } finally {
    await session.release();
  }
}

/**
 * Scales and scores as training sets them, on the images that training used, as far as they are
 * still there.
 */
async function recalibrate(
  { calibration, config, images: trained }: DetectorRecord,
  images: readonly string[],
  model: TeacherModel,
  views: readonly TrainedView[],
  ports: EnginePorts,
  watch: Watch,
) {
  const paths = calibration.images ?? (calibration.method === 'held-out' ? [] : trained);
  const exists = await Promise.all(paths.map((path) => ports.files.exists(path)));
  const there = paths.filter((_, at) => exists[at]);
  // Named from now on: what is taught joins the images of the banks, and must not calibrate.
  const kept = (why: string) => ({
    calibration: { ...calibration, ...(paths.length > 0 && { images: paths }) },
    calibrated: views,
    notes: [`${why}: the old scales and thresholds are kept. Train again to calibrate anew.`],
  });
  if (paths.length === 0) return kept('The detector does not tell which images calibrated it');
  if (there.length < Math.max(1, enoughHeldOut * paths.length))
    return kept(`Only ${there.length} of the ${paths.length} images that calibrated the detector are still there`);
  // An image that is in the bank by now does not read its own entries.
  const calibrating = there.map((path) => ({ path, self: images.indexOf(path) }));
  const found = await calibrate(calibrating, model, config, views, ports, watch);
  const gone = paths.length - there.length + found.failures.length;
  return {
    calibration: { ...calibration, ...found.calibration, images: found.images },
    calibrated: found.views,
    notes: gone > 0 ? [`Calibrated on ${paths.length - gone} of ${paths.length} images: the others are gone.`] : [],
  };
}
