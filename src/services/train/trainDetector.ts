import { fewestNormals } from '../../dataset/normalTrainingItems.ts';
import { checkpointOf } from '../../dataset/onDisk.ts';
import { createRng } from '../../dataset/rng.ts';
import { calibrationFolds } from '../../dataset/split.ts';
import { checkConfig, type DetectorConfig } from '../../nferd/config.ts';
import { detectorModel } from '../../nferd/detectorModel.ts';
import type { Triple } from '../../nferd/teacher/spec.ts';
import { allOf, buildBanks } from './buildBanks.ts';
import { calibrate } from './calibrate.ts';
import { fingerprintOf, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { contentsOf, provenanceOf, saveDetector, type Detector } from '../detect/detectorStore.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { asUserErrors, UserError } from '../ports/errors.ts';
import { extractFeatures } from './features.ts';
import { teacherModelOf } from './precision.ts';
import type { Watch } from '../ports/progress.ts';
import { packState } from '../detect/detectorState.ts';
import type { Teacher } from '../teacher/teacherStore.ts';
import { stepsDone, trainStudents } from './trainStudents.ts';

export interface TrainingRequest {
  /** Paths of normal images. */
  readonly images: readonly string[];
  /** The folder that they came from: for messages, and to know them again where it was moved. */
  readonly source: string;
  readonly out: string;
  readonly name: string;
  readonly teacher: Teacher;
  readonly config: DetectorConfig;
  readonly seed: number;
  readonly falseAlarmRate: number;
  readonly createdAt: string;
}

export interface Trained {
  readonly detector: Detector;
  /** Images that could not be read, one line each. */
  readonly failures: readonly string[];
  /** Steps (of all views together) that an interrupted run had done and this one did not repeat. */
  readonly resumedAt?: number;
}

/**
 * Learns what is normal: reads the images, fills the banks, trains a student per view (unless
 * instant), calibrates on images that did neither, and writes the detector's folder. Same seed,
 * machine and images → the same detector.
 * @throws UserError, Cancelled (what was trained so far is then in checkpointOf(out), and the same
 * call goes on from it)
 */
export async function trainDetector(request: TrainingRequest, ports: EnginePorts, watch: Watch): Promise<Trained> {
  const { images, config, seed, teacher } = request;
  asUserErrors(() => checkConfig(config));
  if (images.length < fewestNormals) throw tooFew(request.source, images.length);
  const model = teacherModelOf(teacher, config);
  const { fit, held } = holdOut(images, config, seed);
  const features = await extractFeatures(fit, model, config, ports, watch);
  if (features.images.length < Math.min(fewestNormals, fit.length))
    throw tooFew(request.source, features.images.length, features.failures);
  const [a, b, c] = teacher.spec.outputs;
  const channels: Triple<number> = [a.channels, b.channels, c.channels];
  const checkpoint = checkpointOf(request.out);
  const fitted = { images: features.images, config, seed, teacher: teacher.spec.sha256 };
  const fingerprint = config.student ? await fingerprintOf(fitted, ports) : '';
  const resume = config.student && (await loadCheckpoint(checkpoint, fingerprint, ports.files));
  const banks = buildBanks(features, channels, config, seed, ports, watch);
  const trained = await (
    config.student
      ? trainStudents(
          features,
          banks,
          {
            config,
            student: config.student,
            seed,
            ...(resume && { resume }),
            onCheckpoint: (progress) => saveCheckpoint(checkpoint, fingerprint, progress, ports.files),
          },
          ports,
          watch,
        )
      : allOf(banks, config).then((views) => ({ views, losses: [] }))
  ).finally(() => banks.end());

  const calibrating = held?.map((path) => ({ path, self: -1 })) ?? ownEntriesLeftOut(features.images, request);
  const calibrated = await calibrate(calibrating, model, config, trained.views, ports, watch);
  const { views, calibration } = calibrated;
  const detector = await saveDetector(
    request.out,
    {
      name: request.name,
      createdAt: request.createdAt,
      seed,
      config,
      teacher: {
        name: teacher.spec.name,
        sha256: teacher.spec.sha256,
        input: teacher.spec.input,
        outputs: teacher.spec.outputs,
      },
      images: features.images,
      source: request.source,
      contents: await contentsOf([...features.images, ...(held ? calibrated.images : [])], ports.files),
      provenance: provenanceOf(views),
      calibration: {
        ...calibration,
        method: held ? 'held-out' : 'own entries left out',
        falseAlarmRate: request.falseAlarmRate,
        ...((held || calibrated.images.length < features.images.length) && { images: calibrated.images }),
      },
      ...(config.student && { training: { losses: trained.losses } }),
    },
    detectorModel(model, config, views, { metadata: { nferd: request.name, teacher: teacher.spec.name } }),
    ports,
    packState(views),
  );
  if (await ports.files.exists(checkpoint)) await ports.files.remove(checkpoint);
  const resumedAt = config.student && resume && stepsDone(resume, config.student);
  return {
    detector,
    failures: [...features.failures, ...calibrated.failures],
    ...(resumedAt !== undefined && { resumedAt }),
  };
}

/**
 * Which images fit and which calibrate. A student has learned the images it was trained on: some are
 * held out. Banks alone know whose each entry is: `held` is then absent, and all do both.
 */
function holdOut(images: readonly string[], config: DetectorConfig, seed: number) {
  if (!config.student) return { fit: images };
  const [fold] = calibrationFolds(images.length, { seed });
  return { fit: fold!.fit.map((at) => images[at]!), held: fold!.calibrate.map((at) => images[at]!) };
}

/** So many calibration images lie above the threshold at most: more don't make it steadier. */
const enoughAbove = 20;

/** The images of the banks as calibration images: all, or of very many a seeded choice. */
function ownEntriesLeftOut(images: readonly string[], request: Pick<TrainingRequest, 'falseAlarmRate' | 'seed'>) {
  const most = Math.ceil(enoughAbove / request.falseAlarmRate);
  const all = images.map((path, self) => ({ path, self }));
  if (all.length <= most) return all;
  const chosen = createRng(request.seed).shuffled(all).slice(0, most);
  return chosen.sort((a, b) => a.self - b.self);
}

function tooFew(source: string, count: number, failures: readonly string[] = []): UserError {
  const why = failures.length > 0 ? ` (${failures.length} could not be read, first: ${failures[0]})` : '';
  return new UserError(
    `${source}: ${count} normal images${why}; at least ${fewestNormals} are needed, 20 or more are ` +
      'better. Add normal images.',
  );
}
