import { buildResnet, resnets, weightsFrom } from '../../nferd/teacher/resnet.ts';
import { parseSafetensors } from '../../nferd/teacher/safetensors.ts';
import { from01, imageNet } from '../../nferd/teacher/spec.ts';
import { UserError } from '../ports/errors.ts';
import type { DownloadPort, DownloadProgress, Downloaded, StopSignal } from '../ports/teacherPorts.ts';
import { storeTeacher, type StorePorts, type Teacher } from './teacherStore.ts';

/** Where official weights come from unless a setting names a mirror. */
export const modelHub = 'https://huggingface.co';

/** torchvision's ImageNet weights as timm publishes them. */
const catalogue: Readonly<Record<keyof typeof resnets, { readonly repository: string; readonly licence: string }>> = {
  resnet18: { repository: 'timm/resnet18.tv_in1k', licence: 'BSD-3-Clause' },
  wide_resnet50_2: { repository: 'timm/wide_resnet50_2.tv_in1k', licence: 'BSD-3-Clause' },
};

export const addableTeachers = Object.keys(catalogue) as (keyof typeof resnets)[];

export interface AddOptions {
  /** The user's teachers. */
  readonly folder: string;
  /** A mirror of the model hub; `modelHub` where absent. */
  readonly baseUrl?: string;
  /**
   * Of the weights' file, 64 hex digits; otherwise the one that the server announces is checked.
   */
  readonly sha256?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: StopSignal;
}

export interface AddedTeacher extends Teacher {
  readonly download: Downloaded;
}

/**
 * Fetches ImageNet weights and makes a teacher of them.
 * @throws UserError; what was fetched so far stays and the next call goes on from there
 */
export async function addTeacher(
  name: string,
  { folder, baseUrl = modelHub, sha256, ...watch }: AddOptions,
  ports: StorePorts & { readonly download: DownloadPort },
): Promise<AddedTeacher> {
  const known = addableTeachers.find((teacher) => teacher === name);
  if (!known) {
    const names = addableTeachers.join(', ');
    throw new UserError(
      `teacher "${name}" can't be added by name. Known: ${names}. For an ONNX file: nferd teacher import FILE.onnx`,
    );
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new UserError(`sha256 "${sha256}": must be 64 hex digits.`);
  }
  const url = addressOf(baseUrl, `${catalogue[known].repository}/resolve/main/model.safetensors`);
  const target = `${folder}/.download/${known}.safetensors`;
  const download = await ports.download({ url, target, ...(sha256 && { sha256 }), ...watch });
  try {
    const built = convert(known, await ports.files.read(target), url);
    const spec = {
      name: known,
      input: { name: 'image', ...from01(imageNet), sizeMultiple: 32, defaultSize: 256 },
      outputs: built.outputs,
      parameters: built.parameters,
      source: url,
      weightsSha256: download.sha256,
      licence: catalogue[known].licence,
    };
    return { ...(await storeTeacher(folder, spec, built.model, ports)), download };
  } finally {
    await ports.files.remove(target);
  }
}

function convert(name: keyof typeof resnets, file: Uint8Array, url: string) {
  try {
    return buildResnet(name, resnets[name], weightsFrom(parseSafetensors(file, url), url));
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  }
}

function addressOf(baseUrl: string, path: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  if (!/^https?:\/\/[^/\s]+/.test(base))
    throw new UserError(`"${baseUrl}": not a web address. Give one that begins with https://`);
  return `${base}/${path}`;
}
