import type { Progress } from '../../../protocol/engine.ts';
import { t } from '../../ui/l10n.ts';

/** `48 s`, `3 min 5 s`, `2 h 10 min`. */
function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('{0} s', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t('{0} min {1} s', minutes, seconds % 60);
  return t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

export function progressText({ phase, done, total, rate, remainingMs }: Progress): string {
  const parts = [
    total > 0 ? t('{0}: {1} of {2}', phase, done, total) : phase,
    rate !== undefined && rate > 0 ? t('{0} images/s', rate < 10 ? rate.toFixed(1) : Math.round(rate)) : '',
    remainingMs === undefined ? '' : t('{0} left', durationText(remainingMs)),
  ];
  return parts.filter(Boolean).join(' · ');
}
