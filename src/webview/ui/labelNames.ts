import type { KnownLabel } from '../../dataset/labels.ts';
import { t } from './l10n.ts';

/** What labels are called in both views. Functions: the texts are there only once the page is. */
export const labelNames: Readonly<Record<KnownLabel, () => string>> = {
  unknown: () => t('Not labelled'),
  normal: () => t('Normal'),
  anomalous: () => t('Anomalous'),
  unsure: () => t('Unsure'),
  excluded: () => t('Excluded'),
};
