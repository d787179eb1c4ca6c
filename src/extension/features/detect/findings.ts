import { readFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { detectionKey } from '../../../protocol/detectionIdentity.ts';
import type { Log } from '../../../protocol/log.ts';
import { detectorFile } from '../../../dataset/onDisk.ts';
import { imageExtensions } from '../../../dataset/imagePath.ts';
import { mergeFindings, parseFindings, findingsText, type Finding } from './findingsFile.ts';

const saveAfterMs = 500;

/**
 * What was found in which image: kept in a file, so that it outlives the window, which all windows
 * share: a workspace's own storage belongs to one window at a time. A finding stands as long as its
 * image and its detector are as they were.
 */
export class Findings {
  readonly #file: string;
  readonly #log: Log;
  #byImage: Map<string, Finding>;
  #timer: NodeJS.Timeout | undefined;
  readonly #changed = new vscode.EventEmitter<readonly string[] | undefined>();
  readonly #folder: vscode.Uri;
  readonly #subscriptions: vscode.Disposable[] = [this.#changed];
  /** The images whose finding may have changed; undefined: any. */
  readonly onDidChange = this.#changed.event;

  /** @param folder that all windows share */
  constructor(folder: vscode.Uri, log: Log) {
    this.#folder = folder;
    this.#file = path.join(folder.fsPath, 'findings.json');
    this.#log = log;
    this.#byImage = this.#read();
  }

  /** From now on what other windows found counts as well, and changed images are told of. */
  watch(): void {
    const own = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(this.#folder, 'findings.json'));
    const endings = imageExtensions.flatMap((ending) => [ending, ending.toUpperCase()]).join(',');
    const images = vscode.workspace.createFileSystemWatcher(`**/*.{${endings}}`);
    const reload = () => {
      this.#byImage = mergeFindings(this.#byImage, this.#read());
      this.#changed.fire(undefined);
    };
    const touched = ({ fsPath }: vscode.Uri) => void (this.#byImage.has(fsPath) && this.#changed.fire([fsPath]));
    this.#subscriptions.push(
      own,
      own.onDidCreate(reload),
      own.onDidChange(reload),
      images,
      images.onDidCreate(touched),
      images.onDidChange(touched),
      images.onDidDelete(touched),
    );
  }

  /** The finding of an image, whether it still stands or not. */
  of(image: string): Finding | undefined {
    return this.#byImage.get(image);
  }

  /** Whether image and detector are as they were when it was found. */
  async stands(finding: Finding): Promise<boolean> {
    const [file, model] = await Promise.all(
      [finding.image, path.join(finding.detector.folder, detectorFile)].map((each) =>
        stat(each).catch(() => undefined),
      ),
    );
    if (!file || !model) return false;
    const now = { ...finding, imageMs: file.mtimeMs, imageBytes: file.size, detectorMs: model.mtimeMs };
    return detectionKey(now) === detectionKey(finding);
  }

  add(finding: Finding): void {
    // Last in the map is the newest.
    this.#byImage.delete(finding.image);
    this.#byImage.set(finding.image, finding);
    this.#changed.fire([finding.image]);
    this.#timer ??= setTimeout(() => this.#save(), saveAfterMs);
  }

  forget(image: string): void {
    if (this.#byImage.delete(image)) this.#changed.fire([image]);
  }

  dispose(): void {
    if (this.#timer) this.#save();
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #read(): Map<string, Finding> {
    try {
      return parseFindings(readFileSync(this.#file, 'utf8'));
    } catch {
      return new Map(); // none yet
    }
  }

  /**
   * With what another window wrote meanwhile, under a temporary name first. At once: a closing
   * window waits for nothing else.
   */
  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const temporary = `${this.#file}.${process.pid}.tmp`;
    try {
      this.#byImage = mergeFindings(this.#read(), this.#byImage);
      mkdirSync(path.dirname(this.#file), { recursive: true });
      writeFileSync(temporary, findingsText(this.#byImage));
      renameSync(temporary, this.#file);
    } catch (error) {
      this.#log.warn(
        `${this.#file}: could not be written (${(error as Error).message}). Explorer marks last until reload.`,
      );
    }
  }
}
