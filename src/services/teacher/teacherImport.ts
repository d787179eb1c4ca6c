import { Graph, type Value } from '../../graph/graph.ts';
import { inlineModel } from '../../graph/inlineModel.ts';
import { decodeModel, encodeModel, typeOf } from '../../graph/model.ts';
import type { ModelProto } from '../../graph/onnx_pb.ts';
import { from01, imageNet, teacherStrides, type TeacherOutput, type Triple } from '../../nferd/teacher/spec.ts';
import { UserError } from '../ports/errors.ts';
import type { ProbePort } from '../ports/teacherPorts.ts';
import { storeTeacher, type StorePorts, type Teacher, type TeacherFolders } from './teacherStore.ts';

export interface ImportOptions {
  readonly file: string;
  readonly folders: TeacherFolders;
  /** The teacher's name; the file's where absent. */
  readonly name?: string;
  /**
   * Three values of the model, in any order: its outputs or the outputs of nodes inside. Found by
   * their strides where absent.
   */
  readonly outputs?: readonly string[];
  /**
   * `(value − mean) / scale` for RGB of 0..255; torchvision's ImageNet normalisation where absent.
   */
  readonly mean?: Triple<number>;
  readonly scale?: Triple<number>;
  readonly licence?: string;
}

export interface ImportedTeacher extends Teacher {
  /** Whether torchvision's mean and scale were taken because none were given. */
  readonly assumedNormalisation: boolean;
  /** The model's own names of the three maps. */
  readonly taken: readonly string[];
}

/** Two shapes that differ in every dimension, both of multiples of 32. */
const probes = [
  [2, 3, 96, 160],
  [1, 3, 128, 64],
] as const;
const prefix = 'backbone/';

/**
 * Makes a teacher of an ONNX backbone: cuts it down to the three maps at strides 4, 8 and 16, frees
 * batch, height and width, and runs it to see that they really are free.
 * @throws UserError with what the model has instead
 */
export async function importTeacher(
  options: ImportOptions,
  ports: StorePorts & { readonly probe: ProbePort },
): Promise<ImportedTeacher> {
  const { file, folders } = options;
  const name = options.name ?? file.replace(/^.*[\\/]/, '').replace(/\.onnx$/i, '');
  if (!/^[\w][\w.-]*$/.test(name))
    throw new UserError(`teacher name "${name}": use letters, digits, ".", "_" and "-".`);
  if (await ports.files.exists(`${folders.shipped}/${name}.json`)) {
    throw new UserError(`teacher name "${name}" is taken by a shipped teacher. Choose another with --name.`);
  }
  const bytes = await ports.files.read(file);
  const model = naming(file, () => openModel(bytes));
  const input = naming(file, () => imageInput(model));
  const maps = await findMaps(model, input, options, ports.probe);
  const graph = naming(file, () => cut(name, model, input, maps, freeShape));
  const cutModel = encodeModel(graph);
  await runs(file, ports.probe, cutModel, probes[1]);
  const spec = {
    name,
    input: {
      name: 'image',
      ...from01(imageNet),
      ...(options.mean && { mean: options.mean }),
      ...(options.scale && { scale: options.scale }),
      sizeMultiple: 32,
      defaultSize: 256,
    },
    outputs: maps.map(({ stride, channels }, index) => ({
      name: stageName(index),
      stride,
      channels,
    })) as unknown as Triple<TeacherOutput>,
    source: `imported from ${file.replace(/^.*[\\/]/, '')}, sha256 ${ports.sha256(bytes)}`,
    licence: options.licence ?? 'not stated',
  };
  const teacher = await storeTeacher(folders.user, spec, cutModel, ports);
  const taken = maps.map((map) => map.name);
  return { ...teacher, assumedNormalisation: !options.mean || !options.scale, taken };
}

interface FoundMap {
  readonly name: string;
  readonly stride: number;
  readonly channels: number;
}

const stageName = (index: number) => `stage${index + 1}`;
const freeShape = ['N', 3, 'H', 'W'] as const;

/** The model without the shapes that its exporter saw, which freeing the input makes wrong. */
function openModel(bytes: Uint8Array): ModelProto {
  const model = decodeModel(bytes);
  model.graph!.valueInfo = [];
  return model;
}

/** The name of the one input that isn't a weight. */
function imageInput(model: ModelProto): string {
  const { initializer, input } = model.graph!;
  const open = input.filter(({ name }) => !initializer.some((weight) => weight.name === name));
  const [image] = open;
  if (!image || open.length > 1) {
    throw new Error(
      `has the inputs ${open.map(({ name }) => name).join(', ') || '(none)'}; a teacher has one, an image`,
    );
  }
  const type = typeOf(image);
  const fits = type?.dtype === 'float32' && type.shape.length === 4;
  if (!fits || (typeof type.shape[1] === 'number' && type.shape[1] !== 3)) {
    const found = type ? `[${type.shape.join(', ')}] ${type.dtype}` : 'of no stated type';
    throw new Error(`its input "${image.name}" is ${found}; a teacher takes [N, 3, H, W] float32`);
  }
  return image.name;
}

/**
 * The three maps, by the names given or the only outputs with these strides, in the order of their
 * strides.
 */
async function findMaps(
  model: ModelProto,
  input: string,
  { file, outputs }: ImportOptions,
  probe: ProbePort,
): Promise<FoundMap[]> {
  if (outputs && outputs.length !== 3)
    throw new UserError(`${file}: --outputs must name three values, got ${outputs.length}.`);
  const declared = model
    .graph!.output.filter((info) => (typeOf(info)?.shape.length ?? 4) === 4)
    .map(({ name }) => name);
  const names = outputs ?? declared;
  forgetShapes(model);
  const values = new Set(model.graph!.node.flatMap(({ output }) => output));
  const unknown = names.find((name) => !values.has(name));
  if (unknown !== undefined) throw new UserError(`${file}: has no value "${unknown}". ${advice(model, input)}`);
  const found: FoundMap[] = [];
  let seen = '';
  if (names.length) {
    const any = names.map((name) => ({ name, stride: 0, channels: 0 }));
    const graph = naming(file, () => cut('probe', model, input, any, freeShape));
    const shapes = await runs(file, probe, encodeModel(graph), probes[0]);
    names.forEach((name, index) => found.push(...mapOf(name, shapes.get(stageName(index)) ?? [])));
    seen = names.map((name, index) => `${name} [${shapes.get(stageName(index))?.join(', ') ?? ''}]`).join(', ');
  }
  const maps = teacherStrides.map((stride) => found.filter((map) => map.stride === stride));
  if (maps.every((list) => list.length === 1)) return maps.flat();
  const [n, c, h, w] = probes[0];
  const has = seen ? `for an image [${n}, ${c}, ${h}, ${w}] it gives ${seen}` : 'none of its outputs is a map';
  throw new UserError(`${file}: needs one map at each of the strides 4, 8 and 16; ${has}. ${advice(model, input)}`);
}

/** A map if `shape` is that of one, at a whole stride. */
function mapOf(name: string, [n, channels, height, width]: readonly number[]): FoundMap[] {
  const [batch, , fullHeight, fullWidth] = probes[0];
  const stride = fullHeight / (height ?? 0);
  return n === batch && channels && stride === fullWidth / (width ?? 0) ? [{ name, stride, channels }] : [];
}

/**
 * Names values inside the model that `--outputs` could take, as far as their shapes can be told
 * without running it.
 */
function advice(model: ModelProto, input: string): string {
  const hint = 'Name three with --outputs a,b,c';
  try {
    const graph = new Graph();
    const image = graph.input('image', 'float32', [...probes[0]]);
    inlineModel(graph, model, { inputs: { [input]: image }, outputs: [], prefix });
    const inside = graph.nodes
      .flatMap((node) => node.outputs)
      .flatMap(({ name, shape }) => mapOf(name.slice(prefix.length), shape.map(Number)));
    const lists = teacherStrides.map((stride) => {
      const last = inside
        .filter((map) => map.stride === stride)
        .slice(-2)
        .reverse();
      const names = last.map(({ name, channels }) => `${name} (${channels} channels)`);
      return `stride ${stride}: ${names.join(', ') || 'none'}`;
    });
    return `${hint}; inside it, the last at ${lists.join('; ')}.`;
  } catch {
    return `${hint}.`;
  }
}

/**
 * A graph of the model with `image` of `shape` in and the values `maps` out, as stage1, stage2, …
 */
function cut(
  name: string,
  model: ModelProto,
  input: string,
  maps: readonly FoundMap[],
  shape: typeof freeShape,
): Graph {
  const graph = new Graph(name);
  const image = graph.input('image', 'float32', shape);
  const outputs = maps.map(({ name: value, stride, channels }, index) => ({
    name: value,
    dtype: 'float32' as const,
    shape: ['N', channels || `C${index}`, `H${stride || index}`, `W${stride || index}`],
  }));
  const values = inlineModel(graph, model, { inputs: { [input]: image }, outputs, prefix });
  values.forEach((value: Value, index) => graph.output(stageName(index), value));
  return graph;
}

/** Declared shapes bind the sizes that the exporter saw. */
function forgetShapes(model: ModelProto): void {
  for (const { type } of [...model.graph!.input, ...model.graph!.output]) {
    if (type?.value.case === 'tensorType') delete type.value.value.shape;
  }
}

async function runs(file: string, probe: ProbePort, model: Uint8Array, shape: readonly number[]) {
  try {
    return await probe(model, 'image', shape);
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]!;
    throw new UserError(
      `${file}: does not run on an image [${shape.join(', ')}] (${why}). Export it with free batch, height and width.`,
      { cause: error },
    );
  }
}

function naming<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw new UserError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}
