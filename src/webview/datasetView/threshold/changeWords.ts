import type { Change } from '../../../verdict/proposal.ts';
import { t } from '../../ui/l10n.ts';

/** `3 fewer false alarms, 1 more miss, on 12 labelled images`; what does not change is left out. */
export function changeWords({ fewerFalseAlarms, moreMisses, labelled }: Change): string {
  const alarms =
    fewerFalseAlarms === 0
      ? ''
      : fewerFalseAlarms === 1
        ? t('1 fewer false alarm')
        : fewerFalseAlarms > 0
          ? t('{0} fewer false alarms', fewerFalseAlarms)
          : fewerFalseAlarms === -1
            ? t('1 more false alarm')
            : t('{0} more false alarms', -fewerFalseAlarms);
  const misses =
    moreMisses === 0
      ? ''
      : moreMisses === 1
        ? t('1 more miss')
        : moreMisses > 0
          ? t('{0} more misses', moreMisses)
          : moreMisses === -1
            ? t('1 fewer miss')
            : t('{0} fewer misses', -moreMisses);
  const changed = [alarms, misses].filter(Boolean);
  const where = labelled === 1 ? t('on 1 labelled image') : t('on {0} labelled images', labelled);
  return [...(changed.length > 0 ? changed : [t('no change')]), where].join(', ');
}
