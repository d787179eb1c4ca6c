/** The strides that a teacher's three maps must have, in order. */
export const teacherStrides = [4, 8, 16] as const;

export type Triple<T> = readonly [T, T, T];

/**
 * How an RGB picture of 0..255 becomes the teacher's input [N, 3, H, W]: `(value − mean) / scale`,
 * per channel.
 */
export interface TeacherInput {
  readonly name: string;
  readonly mean: Triple<number>;
  readonly scale: Triple<number>;
  /** H and W must be multiples of this; a multiple of 16 itself. */
  readonly sizeMultiple: number;
  readonly defaultSize: number;
}

/** One map [N, channels, H / stride, W / stride]. */
export interface TeacherOutput {
  readonly name: string;
  readonly stride: number;
  readonly channels: number;
}

/** What `NAME.json` beside a teacher's ONNX says. */
export interface TeacherSpec {
  readonly name: string;
  /** The ONNX file's name, in the JSON's folder. */
  readonly file: string;
  /** Of the ONNX file, 64 lower-case hex digits. */
  readonly sha256: string;
  readonly input: TeacherInput;
  readonly outputs: Triple<TeacherOutput>;
  readonly parameters?: number;
  /** Where the weights came from. */
  readonly source: string;
  /** Of the weights' file before its conversion. */
  readonly weightsSha256?: string;
  readonly licence: string;
}

/** torchvision's ImageNet normalisation, for pixels in 0..1. */
export const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/**
 * torchvision's mean and std (pixels in 0..1) as this project's mean and scale (pixels in 0..255).
 */
export function from01({ mean, std }: { readonly mean: Triple<number>; readonly std: Triple<number> }) {
  return { mean: triple(mean, (value) => value * 255), scale: triple(std, (value) => value * 255) };
}

/**
 * Reads a teacher's JSON. Instead of `input.mean` and `input.scale` it may give torchvision's
 * `preprocessing: { mean, std }` for pixels in 0..1.
 * @param origin the JSON's path, for messages
 * @throws Error with one line: file, field, what was wrong
 */
export function parseTeacherSpec(text: string, origin: string): TeacherSpec {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`${origin}: not valid JSON. Restore the file or add the teacher again.`);
  }
  const root = new Fields(json, origin, '');
  const input = root.child('input');
  const multiple = input.has('sizeMultiple') ? input.positiveInteger('sizeMultiple') : 32;
  if (multiple % 16) throw input.fault('sizeMultiple', `must be a multiple of 16, found ${multiple}`);
  const defaultSize = input.has('defaultSize') ? input.positiveInteger('defaultSize') : 256;
  if (defaultSize % multiple) {
    throw input.fault('defaultSize', `must be a multiple of sizeMultiple ${multiple}, found ${defaultSize}`);
  }
  const file = root.text('file');
  if (/[\\/]/.test(file)) throw root.fault('file', `must be a file name without folders, found "${file}"`);
  return {
    name: root.text('name'),
    file,
    sha256: root.sha256('sha256'),
    input: { name: input.text('name'), ...normalisation(root, input), sizeMultiple: multiple, defaultSize },
    outputs: outputs(root),
    ...(root.has('parameters') && { parameters: root.positiveInteger('parameters') }),
    source: root.text('source'),
    ...(root.has('weightsSha256') && { weightsSha256: root.sha256('weightsSha256') }),
    licence: root.text('licence'),
  };
}

function normalisation(root: Fields, input: Fields): { mean: Triple<number>; scale: Triple<number> } {
  if (!root.has('preprocessing')) return { mean: input.numbers('mean'), scale: input.numbers('scale', true) };
  if (input.has('mean') || input.has('scale')) {
    throw root.fault('preprocessing', 'given as well as input.mean or input.scale; keep one of the two');
  }
  const given = root.child('preprocessing');
  return from01({ mean: given.numbers('mean'), std: given.numbers('std', true) });
}

function outputs(root: Fields): Triple<TeacherOutput> {
  const found = root.children('outputs');
  if (found.length !== 3) throw root.fault('outputs', `must list three maps, found ${found.length}`);
  const [a, b, c] = found.map((fields, index) => {
    const stride = fields.positiveInteger('stride');
    if (stride !== teacherStrides[index])
      throw fields.fault('stride', `must be ${teacherStrides[index]}, found ${stride}`);
    return { name: fields.text('name'), stride, channels: fields.positiveInteger('channels') };
  });
  return [a!, b!, c!];
}

function triple<A, B>([a, b, c]: Triple<A>, map: (value: A) => B): Triple<B> {
  return [map(a), map(b), map(c)];
}

/** A JSON object whose fields are read with a type; a wrong one is named in full. */
class Fields {
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly origin: string;
  private readonly path: string;

  constructor(value: unknown, origin: string, path: string) {
    this.origin = origin;
    this.path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Error(`${origin}: ${path || 'the file'} must be a JSON object, found ${describe(value)}`);
    }
    this.values = value as Record<string, unknown>;
  }

  has(key: string): boolean {
    return this.values[key] !== undefined;
  }

  fault(key: string, problem: string): Error {
    return new Error(`${this.origin}: "${this.path}${key}" ${problem}`);
  }

  text(key: string): string {
    const value = this.values[key];
    if (typeof value === 'string' && value !== '') return value;
    throw this.fault(key, `must be text, found ${describe(value)}`);
  }

  sha256(key: string): string {
    const value = this.text(key).toLowerCase();
    if (/^[0-9a-f]{64}$/.test(value)) return value;
    throw this.fault(key, `must be 64 hex digits, found ${describe(value)}`);
  }

  positiveInteger(key: string): number {
    const value = this.values[key];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    throw this.fault(key, `must be a whole number above 0, found ${describe(value)}`);
  }

  numbers(key: string, positive = false): Triple<number> {
    const value = this.values[key];
    const good = (item: unknown) => typeof item === 'number' && Number.isFinite(item) && (!positive || item > 0);
    if (Array.isArray(value) && value.length === 3 && value.every(good)) return value as unknown as Triple<number>;
    throw this.fault(key, `must be three numbers${positive ? ' above 0' : ''}, found ${describe(value)}`);
  }

  child(key: string): Fields {
    return new Fields(this.values[key], this.origin, `${this.path}${key}.`);
  }

  children(key: string): Fields[] {
    const value = this.values[key];
    if (!Array.isArray(value)) throw this.fault(key, `must be a list, found ${describe(value)}`);
    return value.map((item, index) => new Fields(item, this.origin, `${this.path}${key}[${index}].`));
  }
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
}
