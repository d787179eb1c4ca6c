import type { AnomalyViewHost } from '../../protocol/anomalyView.ts';
import type { UserLabel } from '../../dataset/labels.ts';
import type { Remote } from '../../protocol/rpc.ts';
import type { Correction } from '../ui/corrections.ts';
import { t } from '../ui/l10n.ts';
import type { Screen } from '../ui/screen.ts';
import { correct } from './panels/correction.ts';
import type { Model, Shown } from './shown.ts';

export interface LabellingPorts {
  readonly screen: Screen<Model, Shown>;
  readonly host: Pick<Remote<AnomalyViewHost>, 'setLabel' | 'chooseDefectType'>;
  /** What is edited otherwise is given to the host first. */
  readonly keep: () => void;
  readonly say: (text: string) => void;
}

/** What the user says of the image, to the host; why it was not stored, to the user. */
export function labelling({ screen, host, keep, say }: LabellingPorts) {
  async function store(request: () => Promise<void>, done = ''): Promise<void> {
    keep();
    try {
      await request();
      screen.change({ labelNote: undefined });
      if (done) say(done);
    } catch (error) {
      screen.change({ labelNote: t('The label was not stored: {0}', (error as Error).message) });
    }
  }
  const label = (given: UserLabel | null): void =>
    void store(
      () => host.setLabel({ label: given }),
      given === null ? t('Label taken back.') : t('Labelled: {0}.', given),
    );
  return {
    label,
    defectType: (): void => void store(() => host.chooseDefectType()),
    correct(what: Correction): void {
      const given = correct(what, screen.shown.judged?.anomalous);
      if ('label' in given) return label(given.label);
      screen.change({ labelNote: given.refusal });
      say(given.refusal);
    },
  };
}
