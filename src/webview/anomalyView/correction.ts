import type { UserLabel } from '../../dataset/labels.ts';
import { t } from '../lib/l10n.ts';

/** What a user says of a verdict. */
export type Correction = 'falseAlarm' | 'missed';

/**
 * The label that corrects a verdict, or why there is nothing to correct; as in the dataset view.
 * @param anomalous the verdict; undefined where there is none
 */
export function correct(
  what: Correction,
  anomalous: boolean | undefined,
): { readonly label: UserLabel } | { readonly refusal: string } {
  if (anomalous === undefined) return { refusal: t('There is no verdict to correct.') };
  if (what === 'falseAlarm')
    return anomalous
      ? { label: 'normal' }
      : { refusal: t('Not flagged: only an anomalous verdict can be a false positive.') };
  return anomalous ? { refusal: t('Flagged already: only a normal verdict can be a miss.') } : { label: 'anomalous' };
}
