import type { UserLabel } from '../../../dataset/labels.ts';
import { correctionRefusals, type Correction } from '../../ui/corrections.ts';
import { t } from '../../ui/l10n.ts';

/**
 * The label that corrects a verdict, or why there is nothing to correct; as in the dataset view.
 * @param anomalous the verdict; undefined where there is none
 */
export function correct(
  what: Correction,
  anomalous: boolean | undefined,
): { readonly label: UserLabel } | { readonly refusal: string } {
  if (anomalous === undefined) return { refusal: t('There is no verdict to correct.') };
  if (anomalous !== (what === 'falseAlarm')) return { refusal: correctionRefusals[what]() };
  return { label: what === 'falseAlarm' ? 'normal' : 'anomalous' };
}
