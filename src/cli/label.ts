import path from 'node:path';
import type { Command } from 'commander';
import { labelFormats, type ImportSummary, type LabelFormat } from '../protocol/inspection.ts';
import { labelFiles } from '../runtime/store/labelFiles.ts';
import { UserError } from '../services/ports/errors.ts';
import { exportLabels } from '../services/labels/labelExport.ts';
import { importLabels } from '../services/labels/labelImport.ts';
import type { LabelPorts } from '../services/ports/labelPorts.ts';
import { exitCode, slashed, type Context } from './context.ts';

/** `[format, path]` of each. */
export interface LabelOptions {
  readonly import?: readonly string[];
  readonly export?: readonly string[];
}

const formats = labelFormats.join(', ');

/** The options that move labels: of `nferd label` and `nferd inspect`. */
export const withTransfer = (command: Command): Command =>
  command
    .option('--import <format...>', `take labels and masks over: FORMAT (${formats}) and a file or folder`)
    .option('--export <format...>', 'write what is known of every image: FORMAT and a file (coco, csv) or folder');

export const labelCommand = (command: Command): Command =>
  withTransfer(
    command
      .description("import or export a folder's labels")
      .argument('<folder>', 'the folder with the images; its labels are in .nferd/labels.jsonl'),
  );

/**
 * Imports, then exports.
 * @returns 2 where nothing of what came in was taken
 * @throws UserError, Cancelled
 */
export async function label(folder: string, options: LabelOptions, context: Context): Promise<number> {
  if (!options.import && !options.export)
    throw new UserError(`${folder}: nothing to do. Give --import FORMAT PATH or --export FORMAT PATH.`);
  return (await moveLabels(folder, options, context)) ? exitCode.normal : exitCode.error;
}

/** What --import and --export say, in this order. @returns false where nothing was taken of rows that came in */
export async function moveLabels(folder: string, options: LabelOptions, context: Context): Promise<boolean> {
  let taken = true;
  const { files, images, sha256 } = context.ports({ executionProvider: 'cpu', threads: 0 });
  const ports: LabelPorts = { files, images, sha256, labelFiles };
  const here = absolute(folder);
  const now = new Date().toISOString();
  const given = { import: transfer('--import', options.import), export: transfer('--export', options.export) };
  if (given.import) {
    const [format, from] = given.import;
    const summary = await importLabels(here, format, from, now, ports, context.watch);
    taken = summary.images > 0 || summary.notes.length === 0;
    tell('imported from', from, summary, context);
  }
  if (given.export) {
    const [format, out] = given.export;
    tell('exported to', out, await exportLabels(here, format, out, now, ports, context.watch), context);
  }
  return taken;
}

const absolute = (given: string): string => slashed(path.resolve(given));

function transfer(option: string, given: readonly string[] | undefined): [LabelFormat, string] | undefined {
  if (given === undefined) return undefined;
  const [name, place, ...more] = given;
  const format = labelFormats.find((known) => known === name);
  if (!format) throw new UserError(`${option} ${given.join(' ')}: "${name}" is no format. Choose of ${formats}.`);
  if (place === undefined || more.length > 0)
    throw new UserError(
      `${option} ${given.join(' ')}: give the format and one path, such as ${option} coco labels.json.`,
    );
  return [format, absolute(place)];
}

function tell(what: string, place: string, { images, masks, notes }: ImportSummary, { print, say }: Context): void {
  print(
    `labels of ${images} image${images === 1 ? '' : 's'}, ${masks} mask${masks === 1 ? '' : 's'}, ${what} ${place}`,
  );
  notes.forEach((note) => say(`note: ${note}`));
}
