import { knownLabels, type LabelLine } from './labels.ts';

/** What is known of every row: the user's word where there is one, else the folder's. */
export interface RowLabels {
  /** Index in knownLabels. */
  readonly label: Uint8Array;
  /** Of anomalous rows; undefined where nobody named it. */
  readonly defectType: readonly (string | undefined)[];
  /** 1 where the user said it. */
  readonly byUser: Uint8Array;
}

/** The images of a folder as rows, what their folders say of them, and the user's lines. */
export interface LabelledRows {
  readonly rows: {
    readonly paths: readonly string[];
    /** Index in knownLabels, from the folder alone. */
    readonly folderLabel: Uint8Array;
    /** Index in `defectTypes`, from the folder alone; -1: none. */
    readonly folderDefect: Int16Array;
    readonly defectTypes: readonly string[];
  };
  /** By image. */
  readonly labels: Readonly<Record<string, LabelLine>>;
}

/**
 * Labels of all rows; a user's label without a defect type keeps the folder's where the folder says
 * anomalous too.
 */
export function rowLabels({ rows, labels }: LabelledRows): RowLabels {
  const label = Uint8Array.from(rows.folderLabel);
  const byUser = new Uint8Array(label.length);
  const defectType: (string | undefined)[] = new Array<string | undefined>(label.length).fill(undefined);
  rows.paths.forEach((path, row) => {
    const line = Object.hasOwn(labels, path) ? labels[path] : undefined;
    if (line?.label) {
      label[row] = knownLabels.indexOf(line.label);
      byUser[row] = 1;
    }
    if (label[row] === anomalous) defectType[row] = line?.defectType ?? rows.defectTypes[rows.folderDefect[row]!];
  });
  return { label, defectType, byUser };
}

const anomalous = knownLabels.indexOf('anomalous');
