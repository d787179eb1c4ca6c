import type { AnomalyViewHost } from '../../../protocol/anomalyView.ts';
import type { FloatMap } from '../../../maps/floatMap.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { t } from '../../ui/l10n.ts';
import type { Extent } from '../image/viewport.ts';
import type { Point } from '../stage/pointerTool.ts';
import { maskBar, type MaskCommand } from './maskBar.ts';
import { MaskTool } from './maskTool.ts';

export interface MaskPorts {
  readonly host: Pick<Remote<AnomalyViewHost>, 'readMask' | 'keepMask' | 'saveMask' | 'teachAsNormal'>;
  /** The image's size, once it is known. */
  readonly extent: () => Extent | undefined;
  /** The anomaly map and the pixel threshold. */
  readonly region: () => { readonly map: FloatMap; readonly level: number } | undefined;
  /** Where the keyboard is, in pixels of the image. */
  readonly position: () => Point | undefined;
  /** The tool that the pointer has now, or something of it, changed. */
  readonly onChange: (tool: MaskTool | undefined) => void;
  readonly onEnd: () => void;
}

/** The view may be closed at any time. */
const keepAfterMs = 50;

/** The mask while it is edited: its tools, its keys, and keeping it in the host. */
export class MaskMode {
  readonly element: HTMLElement;
  readonly #ports: MaskPorts;
  readonly #bar: ReturnType<typeof maskBar>;
  #tool: MaskTool | undefined;
  #failure: string | undefined;
  #keepTimer: number | undefined;
  #edits = 0;
  #active = false;
  #teaching = false;

  constructor(ports: MaskPorts) {
    this.#ports = ports;
    this.#bar = maskBar({
      onTool: (name) => this.#tool?.choose(name),
      onSize: (size) => this.#tool?.resize(size),
      onDo: (what) => this.#do(what),
    });
    this.element = this.#bar.element;
  }

  get active(): boolean {
    return this.#active;
  }

  /**
   * Starts with the mask that is stored or was edited before; ends without losing what is not
   * saved.
   */
  async toggle(): Promise<void> {
    if (this.#active) return this.#end();
    const extent = this.#ports.extent();
    if (!extent) return;
    this.#active = true;
    this.#failure = undefined;
    try {
      if (!this.#tool) {
        const kept = await this.#ports.host.readMask();
        this.#tool = new MaskTool(extent, kept, (edited) => this.#changed(edited));
        if (kept.unsaved && !this.#tool.editor.changed) await this.#ports.host.keepMask(null);
      }
    } catch (error) {
      this.#failure = (error as Error).message;
    }
    this.#changed(false);
  }

  /** The image is another one now. */
  forget(): void {
    this.#stopKeeping();
    this.#tool = undefined;
    if (this.#active) this.#end();
  }

  /** Gives the host what it doesn't have yet: before the image is left or labelled. */
  keep(): void {
    this.#tool?.release();
    if (this.#keepTimer !== undefined) this.#give();
  }

  #give(): void {
    this.#stopKeeping();
    if (!this.#tool) return;
    const { runs, editor } = this.#tool;
    this.#ports.host.keepMask(editor.changed ? runs : null).catch(() => undefined);
  }

  #stopKeeping(): void {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
  }

  /** @returns whether the key was one of the mask's */
  key({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
    const tool = this.#tool;
    if (!this.#active || !tool || altKey) return false;
    const name = key.length === 1 ? key.toLowerCase() : key;
    if (name === 'n' && shiftKey && !ctrlKey && !metaKey) {
      this.#do('teach');
      return true;
    }
    if (ctrlKey || metaKey) {
      const what =
        name === 'z' ? (shiftKey ? 'redo' : 'undo') : name === 'y' ? 'redo' : name === 's' ? 'save' : undefined;
      if (what) this.#do(what);
      return what !== undefined;
    }
    const keys: Readonly<Record<string, () => unknown>> = {
      b: () => tool.choose('brush'),
      e: () => tool.choose('eraser'),
      p: () => tool.choose('polygon'),
      t: () => this.#do('region'),
      '[': () => tool.grow(-1),
      ']': () => tool.grow(1),
      '.': () => this.#use(),
      Enter: () => tool.close(),
      Escape: () => tool.cancel() || this.#end(),
    };
    if (!Object.hasOwn(keys, name)) return false;
    keys[name]!();
    return true;
  }

  /** The tool at the keyboard's position. */
  #use(): void {
    const at = this.#ports.position();
    if (!at || !this.#tool) return;
    this.#tool.press(at);
    this.#tool.release();
  }

  #do(what: MaskCommand): void {
    const tool = this.#tool;
    const run: Readonly<Record<MaskCommand, () => unknown>> = {
      region: () => {
        const region = this.#ports.region();
        if (region) tool?.takeRegion(region.map, region.level);
      },
      close: () => tool?.close(),
      undo: () => tool?.undo(),
      redo: () => tool?.redo(),
      clear: () => tool?.clear(),
      save: () => this.#save(),
      teach: () => this.#teach(),
      end: () => this.#end(),
    };
    run[what]();
  }

  async #save(): Promise<void> {
    const tool = this.#tool;
    if (!tool?.editor.changed) return;
    this.#stopKeeping();
    const edits = this.#edits;
    try {
      await this.#ports.host.saveMask(tool.runs);
      this.#failure = undefined;
      // What was edited meanwhile is still to be saved.
      if (edits === this.#edits) tool.saved();
      else this.#changed(false);
    } catch (error) {
      this.#failure = t('The mask was not saved: {0}', (error as Error).message);
      this.#changed(false);
    }
  }

  /** What is marked is normal: once that is taught there is nothing left to save. */
  async #teach(): Promise<void> {
    const tool = this.#tool;
    if (!tool?.editor.changed || this.#teaching) return;
    tool.close();
    this.#stopKeeping();
    this.#teaching = true;
    this.#failure = undefined;
    this.#changed(false);
    try {
      const taught = await this.#ports.host.teachAsNormal(tool.runs);
      if (taught && this.#tool === tool) this.forget();
      else if (!taught) this.#failure = t('Nothing was taught; the dataset view says why.');
    } catch (error) {
      this.#failure = (error as Error).message;
    }
    this.#teaching = false;
    this.#changed(false);
  }

  #end(): void {
    this.#active = false;
    this.#failure = undefined;
    this.#tool?.cancel();
    this.#changed(false);
    this.#ports.onEnd();
  }

  #changed(edited: boolean): void {
    const tool = this.#active ? this.#tool : undefined;
    if (edited) {
      this.#edits++;
      this.#stopKeeping();
      this.#keepTimer = window.setTimeout(() => this.#give(), keepAfterMs);
    }
    this.#bar.update(tool, this.#failure, this.#teaching);
    this.#ports.onChange(tool);
  }
}
