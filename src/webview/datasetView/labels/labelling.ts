import type { DatasetViewHost } from '../../../protocol/datasetView.ts';
import type { UserLabel } from '../../../dataset/labels.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { isAnomalous } from '../../../verdict/thresholds.ts';
import { correctionRefusals } from '../../ui/corrections.ts';
import { t } from '../../ui/l10n.ts';
import { labelNames } from '../../ui/labelNames.ts';
import type { Screen } from '../../ui/screen.ts';
import { placeAfter, targets } from '../grid/selection.ts';
import type { StatusLine } from '../head/statusLine.ts';
import type { Model, Results, Shown } from '../shown.ts';
import type { LabelCommand } from './keys.ts';

export interface LabellingPorts {
  readonly screen: Screen<Model, Shown>;
  readonly host: Pick<Remote<DatasetViewHost>, 'label'>;
  readonly status: StatusLine;
  /** Asks for a defect type. */
  readonly pickType: (known: readonly string[]) => void;
  /** Goes to a place of the grid. */
  readonly goTo: (place: number) => void;
}

type Rows = readonly number[];

/**
 * What the user says of the selected images, to the host; the view shows a label once it is on
 * disk.
 */
export function labelling({ screen, host, status, pickType, goTo }: LabellingPorts) {
  async function label(rows: Rows, given: UserLabel | null, defectType?: string): Promise<void> {
    const { results, ui } = screen.shown;
    if (!results) return;
    const { paths } = results.inspection.rows;
    const images = rows.map((each) => paths[each]!);
    // The next image is there at once; a fast hand doesn't wait for the disk.
    const goesOn = ui.advance && rows.length === 1 && given !== null && defectType === undefined;
    if (goesOn) goOn(rows[0]!, results.order);
    const request = host.label({ images, label: given, ...(defectType && { defectType }) });
    const done = await status.tell(request.then(() => true));
    if (!done) return;
    const name = images.length === 1 ? images[0]! : t('{0} images', images.length);
    const cleared = given === null;
    status.say(cleared ? t('{0}: label cleared', name) : t('{0}: {1}', name, defectType ?? labelNames[given]()));
  }

  function goOn(row: number, order: Uint32Array): void {
    if (screen.state.ui.selection.focus === row) goTo(placeAfter(order, row, order.indexOf(row)));
  }

  /** Only images whose verdict is wrong then are meant. */
  function correct(what: 'falseAlarm' | 'missed', rows: Rows, { threshold, inspection }: Results): void {
    const flagged = (row: number) => isAnomalous(inspection.rows.score[row]!, threshold);
    const wanted = what === 'falseAlarm';
    const meant = rows.filter((row) => !Number.isNaN(inspection.rows.score[row]!) && flagged(row) === wanted);
    if (meant.length === 0) status.say(correctionRefusals[what]());
    else void label(meant, wanted ? 'normal' : 'anomalous');
  }

  return {
    /** Of the selected images, where one is anomalous of this type. */
    setType: (type: string): void => void label(targets(screen.state.ui.selection), 'anomalous', type),
    command(command: LabelCommand): void {
      const { results } = screen.shown;
      const rows = targets(screen.state.ui.selection);
      if (!results || rows.length === 0) return status.say(t('Select an image first.'));
      if (command.do === 'pickType') return pickType(results.defectTypes);
      if (command.do === 'clear') return void label(rows, null);
      if (command.do !== 'label') return correct(command.do, rows, results);
      void label(rows, command.label);
      if (command.pickType) pickType(results.defectTypes);
    },
  };
}
