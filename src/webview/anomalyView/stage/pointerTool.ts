import type { Extent, Viewport } from '../image/viewport.ts';

/** A place of an image, in its pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a pointer does on the image instead of choosing a place. */
export interface PointerTool {
  press(at: Point): void;
  /** While the button is held. */
  drag(at: Point): void;
  release(): void;
  hover(at: Point | undefined): void;
  draw(context: CanvasRenderingContext2D, view: Viewport, pane: Extent): void;
}
