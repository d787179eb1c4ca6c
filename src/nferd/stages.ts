import { inputShape, sizeText, viewSize, type DetectorConfig } from './config.ts';
import { teacherStrides, type Triple } from './teacher/spec.ts';

/** One map of the teacher, as a detector sees it. */
export interface Stage {
  /**
   * Such as `384/stride4` or `640x256/stride4`: the view's size in pixels and the teacher's stride.
   */
  readonly name: string;
  readonly view: number;
  readonly stage: number;
  /** Side of a bank's cell in pixels of the detector's input. */
  readonly cellPx: number;
  /** Cells of the bank's grid. */
  readonly rows: number;
  readonly columns: number;
}

/** Names of the three stages of each view. */
export const stageNames = (config: Pick<DetectorConfig, 'inputSize' | 'views'>): Triple<string>[] =>
  config.views.map((factor) => {
    const size = sizeText(viewSize(config, factor));
    const [a, b, c] = teacherStrides;
    return [`${size}/stride${a}`, `${size}/stride${b}`, `${size}/stride${c}`];
  });

/** All stages of all views, in the order of the model's outputs. */
export const stagesOf = (config: Pick<DetectorConfig, 'inputSize' | 'views' | 'bank'>): Stage[] =>
  stageNames(config).flatMap((names, view) =>
    names.map((name, stage) => {
      const cellPx = teacherStrides[stage]! * config.bank.cells[stage]! * config.views[view]!;
      const { width, height } = inputShape(config);
      return { name, view, stage, cellPx, rows: height / cellPx, columns: width / cellPx };
    }),
  );
