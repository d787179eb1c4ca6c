import { t } from './l10n.ts';

/** What a user says of a verdict. */
export type Correction = 'falseAlarm' | 'missed';

/** Why a verdict can't be corrected so, in both views. */
export const correctionRefusals: Readonly<Record<Correction, () => string>> = {
  falseAlarm: () => t('Not flagged: only an anomalous verdict can be a false positive.'),
  missed: () => t('Flagged already: only a normal verdict can be a miss.'),
};
