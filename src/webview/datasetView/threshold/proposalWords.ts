import type { Proposal } from '../../../verdict/proposal.ts';
import { t } from '../../ui/l10n.ts';

/** A share as a percentage of two figures. */
export const percentage = (share: number): number => Number((100 * share).toPrecision(2));

/** What a proposal rests on. */
export function basisWords({ kind, falseAlarmRate, promised, calibratedOn, fromLabels, f1, cost }: Proposal): string {
  if (kind === 'bestF1') return t('The best F1 on labelled images: {0} %.', ((f1 ?? 0) * 100).toFixed(1));
  if (kind === 'cost') return t('The least cost on labelled images: {0}.', String(cost));
  if (fromLabels)
    return t(
      'Fitted to your labels ({0} of {1} normal images): promises no rate of false alarms.',
      fromLabels,
      calibratedOn ?? 0,
    );
  return promised
    ? t('At most {0} % false alarms, by {1} normal images.', percentage(falseAlarmRate ?? 0), calibratedOn ?? 0)
    : t(
        '{0} normal images promise no better than {1} % false alarms.',
        calibratedOn ?? 0,
        percentage(falseAlarmRate ?? 0),
      );
}
