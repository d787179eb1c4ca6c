import type { KeptMask } from '../../../protocol/anomalyView.ts';
import type { FloatMap } from '../../../maps/floatMap.ts';
import { packMask, unpackMask, type MaskRuns } from '../../../dataset/maskRuns.ts';
import { strokeTwice } from '../image/strokeTwice.ts';
import type { Extent, Viewport } from '../image/viewport.ts';
import type { Point, PointerTool } from '../stage/pointerTool.ts';
import { maskEditor, type MaskEditor } from './maskEditor.ts';
import { maskOverlay, type MaskOverlay } from './maskOverlay.ts';

export const tools = ['brush', 'eraser', 'polygon'] as const;
export type ToolName = (typeof tools)[number];

export const sizes = { least: 1, most: 400, step: 1.25 };

/**
 * A mask being edited: brush, eraser and polygon, and what is drawn of it.
 * `onChange` comes after everything that can be seen.
 */
export class MaskTool implements PointerTool {
  readonly editor: MaskEditor;
  readonly #overlay: MaskOverlay;
  readonly #onChange: (edited: boolean) => void;
  name: ToolName = 'brush';
  /** Diameter of brush and eraser, in pixels of the image. */
  size: number;
  #corners: Point[] = [];
  #last: Point | undefined;
  #pointer: Point | undefined;

  /** @param unsaved edits of before: one step, to be undone */
  constructor({ width, height }: Extent, { stored, unsaved }: KeptMask, onChange: (edited: boolean) => void) {
    // The image may be of another size now.
    const fitting = (runs: MaskRuns | undefined) =>
      runs?.width === width && runs.height === height ? unpackMask(runs) : undefined;
    const data = fitting(stored) ?? new Uint8Array(width * height);
    const mask = { width, height, data };
    this.#overlay = maskOverlay(mask);
    this.editor = maskEditor(mask, (area) => this.#overlay.changed(area));
    const edited = fitting(unsaved);
    if (edited) this.editor.replace(edited);
    this.#overlay.changed({ left: 0, top: 0, right: width, bottom: height });
    this.#onChange = onChange;
    this.size = Math.max(3, Math.round(Math.max(width, height) / 40));
  }

  get corners(): number {
    return this.#corners.length;
  }

  get runs(): MaskRuns {
    const { width, height, data } = this.editor.mask;
    return packMask(width, height, data);
  }

  choose(name: ToolName): void {
    this.#corners = [];
    this.name = name;
    this.#onChange(false);
  }

  resize(size: number): void {
    this.size = Math.round(Math.min(sizes.most, Math.max(sizes.least, size)));
    this.#onChange(false);
  }

  /** A step larger or smaller, by at least one pixel. */
  grow(by: 1 | -1): void {
    const next = this.size * sizes.step ** by;
    this.resize(by > 0 ? Math.ceil(Math.max(next, this.size + 1)) : Math.floor(Math.min(next, this.size - 1)));
  }

  press(at: Point): void {
    if (this.name === 'polygon') {
      this.#corners.push(at);
      return this.#onChange(false);
    }
    this.#last = at;
    this.drag(at);
  }

  drag(at: Point): void {
    this.#pointer = at;
    if (this.#last) {
      this.editor.stroke(this.#last, at, this.size / 2, this.name === 'eraser' ? 0 : 1);
      this.#last = at;
    }
    this.#onChange(false);
  }

  release(): void {
    if (!this.#last) return;
    this.#last = undefined;
    this.#edit(() => this.editor.commit());
  }

  hover(at: Point | undefined): void {
    this.#pointer = at;
    this.#onChange(false);
  }

  /** Fills the polygon. @returns false where none is being drawn */
  close(): boolean {
    if (this.#corners.length === 0) return false;
    const corners = this.#corners;
    this.#corners = [];
    this.#edit(() => this.editor.polygon(corners));
    return true;
  }

  /** @returns false where no polygon is being drawn */
  cancel(): boolean {
    const some = this.#corners.length > 0;
    this.#corners = [];
    this.#onChange(false);
    return some;
  }

  takeRegion = (map: FloatMap, level: number): void => this.#edit(() => this.editor.takeRegion(map, level));
  clear = (): void => this.#edit(() => this.editor.clear());

  /** The last corner of a polygon that is being drawn, else the last edit. */
  undo(): void {
    if (this.#corners.pop()) return this.#onChange(false);
    this.#edit(() => this.editor.undo());
  }

  redo = (): void => this.#edit(() => this.editor.redo());

  saved(): void {
    this.editor.saved();
    this.#onChange(false);
  }

  draw(context: CanvasRenderingContext2D, view: Viewport, pane: Extent): void {
    this.#overlay.draw(context, view, pane);
    const at = ({ x, y }: Point) => [view.x + x * view.scale, view.y + y * view.scale] as const;
    context.beginPath();
    if (this.name === 'polygon') {
      const shown = this.#pointer ? [...this.#corners, this.#pointer] : this.#corners;
      for (const [index, corner] of shown.entries()) {
        if (index === 0) context.moveTo(...at(corner));
        else context.lineTo(...at(corner));
      }
      if (this.#corners.length > 1) context.closePath();
      for (const corner of this.#corners) {
        const [x, y] = at(corner);
        context.rect(x - 3, y - 3, 6, 6);
      }
    } else if (this.#pointer) {
      const [x, y] = at(this.#pointer);
      context.arc(x, y, Math.max(1, (this.size / 2) * view.scale), 0, 2 * Math.PI);
    }
    strokeTwice(context, 1.25);
  }

  #edit(edit: () => void): void {
    edit();
    this.#onChange(true);
  }
}
