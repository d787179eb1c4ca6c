import type { Precision } from '../protocol/engine.ts';
import type { colorMaps, layouts, ranges } from '../protocol/anomalyView.ts';

/** A setting: what the manifest says of it and how a hand-written value is read. */
export interface Setting<T> {
  readonly default: T;
  /** Markdown. */
  readonly description: string;
  /** JSON schema of the value, without default and description. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** What `value` should have been; undefined where it is fine. */
  readonly fault: (value: unknown) => Expectation | undefined;
  /** What null means: no such rule. Else it means: as calibrated. */
  readonly isRule?: true;
  /** Of this machine, so that no workspace sets it; else of a folder. */
  readonly scope?: 'machine';
}

/** `{0}` of `text` becomes values[0] and so on; translatable. */
interface Expectation {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

type Bounds = { readonly minimum: number; readonly maximum: number };

function number<D extends number | null>(
  initial: D,
  { minimum, maximum }: Bounds,
  description: string,
): Setting<number | (D & null)> {
  const nullable = initial === null;
  const values = [minimum, maximum];
  return {
    default: initial as number | (D & null),
    description,
    schema: { type: nullable ? ['number', 'null'] : 'number', minimum, maximum },
    fault: (value) =>
      (nullable && value === null) || (typeof value === 'number' && value >= minimum && value <= maximum)
        ? undefined
        : { text: nullable ? 'a number from {0} to {1}, or null' : 'a number from {0} to {1}', values },
  };
}

function integer<D extends number | null>(
  initial: D,
  { minimum, maximum }: Bounds,
  description: string,
): Setting<number | (D & null)> {
  const nullable = initial === null;
  const values = [minimum, maximum];
  return {
    default: initial as number | (D & null),
    description,
    schema: { type: nullable ? ['integer', 'null'] : 'integer', minimum, maximum },
    fault: (value) =>
      (nullable && value === null) ||
      (Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum)
        ? undefined
        : { text: nullable ? 'a whole number from {0} to {1}, or null' : 'a whole number from {0} to {1}', values },
  };
}

function oneOf<T extends string>(
  choices: Readonly<Record<T, string>>,
  initial: NoInfer<T>,
  description: string,
): Setting<T> {
  const names = Object.keys(choices);
  return {
    default: initial,
    description,
    schema: { type: 'string', enum: names, markdownEnumDescriptions: Object.values(choices) },
    fault: (value) =>
      names.includes(value as string) ? undefined : { text: 'one of {0}', values: [names.join(', ')] },
  };
}

function boolean(initial: boolean, description: string): Setting<boolean> {
  return {
    default: initial,
    description,
    schema: { type: 'boolean' },
    fault: (value) => (typeof value === 'boolean' ? undefined : { text: 'true or false', values: [] }),
  };
}

function text(initial: string, description: string): Setting<string> {
  return {
    default: initial,
    description,
    schema: { type: 'string' },
    fault: (value) => (typeof value === 'string' ? undefined : { text: 'a text', values: [] }),
  };
}

const colorMapTexts = {
  inferno: 'Black, red, yellow: stands out on grey images.',
  viridis: 'Blue, green, yellow.',
  cividis: 'Blue to yellow, the same for colour-blind eyes.',
  grey: 'Black to white.',
} satisfies Record<(typeof colorMaps)[number], string>;

const layoutTexts = {
  overlay: 'The map over the image.',
  sideBySide: 'The image on the left, the same with the map on the right.',
  flicker: 'The image with and without the map in turn.',
} satisfies Record<(typeof layouts)[number], string>;

const rangeTexts = {
  threshold: 'From 0 to three times the pixel threshold: colours mean the same in every image.',
  image: "From the smallest to the largest value of this image's map.",
} satisfies Record<(typeof ranges)[number], string>;

const precisionTexts = {
  float32: '32-bit floats.',
  float16: '16-bit floats: may be faster on a GPU, slower on the processor.',
  auto: '16-bit floats where a trial finds them faster on the execution provider.',
} satisfies Record<Precision, string>;

export const settings = {
  'nferd.threshold.image': number(
    null,
    { minimum: 0, maximum: 1000 },
    'An image whose score lies above this is **anomalous**. `null`: as calibrated on held-out ' +
      'normal images.\n\nScores are calibrated too: 0 is usual, 1 is what the peak of a usual ' +
      'normal image reaches.',
  ),
  'nferd.threshold.pixel': number(
    null,
    { minimum: 0, maximum: 1000 },
    'Where the anomaly map lies above this, the viewer draws its **contour**. `null`: as calibrated.',
  ),
  'nferd.threshold.falseAlarmRate': number(
    null,
    { minimum: 0.0001, maximum: 0.5 },
    'The share of normal images that may be called anomalous, from which the image threshold is ' +
      'calibrated. `null`: the rate the detector was trained with. Has no effect where ' +
      '`#nferd.threshold.image#` is set.',
  ),
  'nferd.rules.smallestArea': number(
    0,
    { minimum: 0, maximum: 1e9 },
    'A region above the pixel threshold whose area is smaller does not count for the other rules. In square ' +
      'pixels of the image.',
  ),
  'nferd.rules.mostRegions': {
    ...integer(
      null,
      { minimum: 0, maximum: 1e6 },
      'An image with more regions above the pixel threshold is **anomalous**, whatever its score. `null`: no ' +
        'such rule.',
    ),
    isRule: true,
  },
  'nferd.rules.largestTotalArea': {
    ...number(
      null,
      { minimum: 0, maximum: 1e12 },
      'An image whose regions above the pixel threshold have a larger area together is **anomalous**, whatever ' +
        'its score. In square pixels of the image. `null`: no such rule.',
    ),
    isRule: true,
  },
  'nferd.detector': text(
    '',
    'The detector to use: its name below `.nferd/detectors` of the workspace folder, or the ' +
      'absolute path of its folder. Empty: the newest one.',
  ),
  'nferd.executionProvider': oneOf(
    {
      auto: 'The fastest that works here.',
      cpu: 'The processor.',
      cuda: 'NVIDIA GPUs (Linux, Windows).',
      directml: 'GPUs on Windows.',
      coreml: 'Apple GPUs and neural engines.',
      webgpu: 'GPUs through WebGPU (experimental).',
    },
    'auto',
    'What the engine computes on. `auto` goes on with the processor where nothing faster works; ' +
      'any other is used or the engine says why it does not work here.',
  ),
  'nferd.inference.threads': integer(
    0,
    { minimum: 0, maximum: 256 },
    'Threads that the engine computes with. 0: as many as there are cores; on two cores, an ' +
      'image that a view waits for leaves one to the editor.',
  ),
  'nferd.training.precision': oneOf(
    precisionTexts,
    'float32',
    "Of the teacher's numbers, in detectors that are trained from now on; thresholds are " +
      "calibrated with the same. The doctor says what 16-bit floats give on this machine's GPU.",
  ),
  'nferd.training.smallestDefect': integer(
    0,
    { minimum: 0, maximum: 4096 },
    "Diameter of the smallest defect that matters, in the images' pixels, in detectors that are " +
      'trained from now on: images are scaled so that it is seen, which takes longer the smaller it is. 0: not said.',
  ),
  'nferd.training.roi': text(
    '',
    '**Region of interest** of detectors that are trained from now on: a mask as large as the images, ' +
      'or of their shape, white where they are looked at and black where nothing counts. A path, ' +
      'absolute or below the workspace folder. Empty: all of each image.',
  ),
  'nferd.cuda.libraryPath': {
    ...text(
      '',
      "A folder with CUDA's libraries, for those who have them: onnxruntime's " +
        "(`libonnxruntime_providers_cuda.so`, of the version that the doctor names), CUDA's and " +
        "cuDNN's, or some of these. The rest is taken from what *NFERD: Install CUDA runtime* " +
        'installed and from where the system looks. Linux on x64.',
    ),
    scope: 'machine',
  },
  'nferd.viewer.opacity': number(0.6, { minimum: 0, maximum: 1 }, 'Opacity of the anomaly map over the image.'),
  'nferd.viewer.colorMap': oneOf(colorMapTexts, 'inferno', 'Colours of the anomaly map; all are perceptually uniform.'),
  'nferd.viewer.contour': boolean(true, 'Draw the contour at the pixel threshold.'),
  'nferd.viewer.layout': oneOf(layoutTexts, 'overlay', 'How image and map are shown.'),
  'nferd.viewer.range': oneOf(rangeTexts, 'threshold', 'What the colours span.'),
  'nferd.viewer.neighbours': integer(
    5,
    { minimum: 1, maximum: 20 },
    'How many of the nearest normal patches are shown for each stage.',
  ),
} satisfies Record<string, Setting<unknown>>;

/** Not taken from a workspace that isn't trusted: they decide what is loaded and what it costs. */
export const restrictedSettings = [
  'nferd.detector',
  'nferd.executionProvider',
  'nferd.inference.threads',
  'nferd.training.precision',
  'nferd.training.smallestDefect',
  'nferd.training.roi',
  'nferd.cuda.libraryPath',
] as const satisfies readonly (keyof typeof settings)[];

export type SettingId = keyof typeof settings;
export type SettingValues = { readonly [K in SettingId]: (typeof settings)[K]['default'] };
export type Translate = (text: string, ...values: (string | number)[]) => string;

export interface ReadSettings {
  readonly values: SettingValues;
  /**
   * One line for each refused value, naming the setting, what it should be and what is used
   * instead.
   */
  readonly warnings: readonly string[];
}

/**
 * Reads every setting; a refused value is replaced by the default, which for thresholds means: as
 * calibrated.
 */
export function readSettings(get: (id: SettingId) => unknown, t: Translate): ReadSettings {
  const warnings: string[] = [];
  const entries = Object.entries<Setting<unknown>>(settings).map(([id, setting]) => {
    const value = get(id as SettingId);
    const fault = value === undefined ? undefined : setting.fault(value);
    if (value !== undefined && !fault) return [id, value];
    if (fault) {
      const used =
        setting.default !== null
          ? t('{0} is used', JSON.stringify(setting.default))
          : setting.isRule
            ? t('the rule is off')
            : t('the calibrated value is used');
      warnings.push(
        t('{0}: must be {1}, not {2}; {3}.', id, t(fault.text, ...fault.values), JSON.stringify(value), used),
      );
    }
    return [id, setting.default];
  });
  return { values: Object.fromEntries(entries) as SettingValues, warnings };
}
