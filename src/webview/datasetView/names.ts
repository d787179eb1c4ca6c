import type { ProposalKind } from '../../verdict/proposal.ts';
import { t } from '../ui/l10n.ts';
import { labelNames } from '../ui/labelNames.ts';
import type { LabelFilter, SortKey, VerdictFilter } from './filters/order.ts';

/* What things are called in the view, as functions: see labelNames. */

export const labelFilterNames: Readonly<Record<LabelFilter, () => string>> = {
  all: () => t('Any label'),
  ...labelNames,
  byUser: () => t('Labelled by hand'),
};

export const verdictNames: Readonly<Record<VerdictFilter, () => string>> = {
  all: () => t('Any verdict'),
  anomalous: () => t('Anomalous'),
  normal: () => t('Normal'),
  falseAlarm: () => t('False alarms'),
  missed: () => t('Misses'),
  changed: () => t('Changed verdict'),
  failed: () => t('Failed'),
  pending: () => t('Not inspected yet'),
};

export const sortNames: Readonly<Record<SortKey, () => string>> = {
  score: () => t('Score'),
  distance: () => t('Distance to threshold'),
  disagreement: () => t('Disagreement'),
  name: () => t('Name'),
};

export const proposalNames: Readonly<Record<ProposalKind, () => string>> = {
  conformal: () => t('False-alarm rate'),
  bestF1: () => t('Best F1'),
  cost: () => t('Least cost'),
};
