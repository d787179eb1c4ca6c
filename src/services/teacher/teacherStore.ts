import { parseTeacherSpec, type TeacherSpec } from '../../nferd/teacher/spec.ts';
import { UserError } from '../ports/errors.ts';
import type { Files } from '../ports/disk.ts';
import type { Sha256 } from '../ports/teacherPorts.ts';

/** Where teachers are kept: those that ship with the product, then the user's own. */
export interface TeacherFolders {
  readonly shipped: string;
  readonly user: string;
}

export interface StorePorts {
  readonly files: Files;
  readonly sha256: Sha256;
}

export interface Teacher {
  readonly spec: TeacherSpec;
  /** The path of its JSON. */
  readonly path: string;
  /** The ONNX file; its checksum agrees with the JSON. */
  readonly model: Uint8Array;
}

export interface ListedTeacher {
  readonly name: string;
  readonly origin: keyof TeacherFolders;
}

/**
 * The teachers that are there, the shipped ones first; a shipped one hides the user's of the same
 * name.
 */
export async function listTeachers(folders: TeacherFolders, files: Files): Promise<ListedTeacher[]> {
  const found = new Map<string, ListedTeacher>();
  for (const origin of ['shipped', 'user'] as const) {
    if (!(await files.exists(folders[origin]))) continue;
    for (const path of (await files.list(folders[origin])).paths) {
      const name = /^([^/]+)\.json$/.exec(path)?.[1];
      if (name && !found.has(name)) found.set(name, { name, origin });
    }
  }
  return [...found.values()];
}

/**
 * The teacher `name`, shipped or the user's, ready to run.
 * @throws UserError where there is none (it lists those there are), or its JSON or ONNX file is
 * missing or damaged
 */
export async function resolveTeacher(
  name: string,
  folders: TeacherFolders,
  { files, sha256 }: StorePorts,
): Promise<Teacher> {
  const teachers = await listTeachers(folders, files);
  const found = teachers.find((teacher) => teacher.name === name);
  if (!found) {
    const names = teachers.map((teacher) => teacher.name).join(', ') || 'none';
    throw new UserError(
      `teacher "${name}" is not installed. Available: ${names}. Get another with "nferd teacher add".`,
    );
  }
  const folder = folders[found.origin];
  const path = `${folder}/${name}.json`;
  const spec = readable(await files.readText(path), path);
  if (spec.name !== name)
    throw new UserError(`${path}: describes the teacher "${spec.name}". Rename the file or the teacher.`);
  const onnx = `${folder}/${spec.file}`;
  const bytes = await files.read(onnx);
  const sum = sha256(bytes);
  if (sum !== spec.sha256) {
    throw new UserError(
      `${onnx}: damaged or replaced (its sha256 is ${sum}, ${path} says ${spec.sha256}). Install it again.`,
    );
  }
  return { spec, path, model: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/**
 * Writes the ONNX file, then the JSON that makes it a teacher.
 * @returns what was written, as it will be read
 */
export async function storeTeacher(
  folder: string,
  spec: Omit<TeacherSpec, 'file' | 'sha256'>,
  model: Uint8Array,
  { files, sha256 }: StorePorts,
): Promise<Teacher> {
  const { name, ...rest } = spec;
  const path = `${folder}/${name}.json`;
  const full: TeacherSpec = { name, file: `${name}.onnx`, sha256: sha256(model), ...rest };
  const text = `${JSON.stringify(full, undefined, 2)}\n`;
  readable(text, path);
  await files.write(`${folder}/${full.file}`, model);
  await files.write(path, text);
  return { spec: full, path, model };
}

function readable(text: string, path: string): TeacherSpec {
  try {
    return parseTeacherSpec(text, path);
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  }
}
