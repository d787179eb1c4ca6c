import type { Progress } from '../../../protocol/engine.ts';
import type { Translate } from '../../config.ts';

/** One line: `Training: 120 / 400, 3.2 a second, 1 min 28 s left, loss 0.041`. */
export function progressText({ phase: english, done, total, rate, remainingMs, loss }: Progress, t: Translate): string {
  // scripts/l10n.mjs finds the engine's names of phases.
  const phase = t(english);
  const parts = [
    total > 0 ? t('{0}: {1} / {2}', phase, done, total) : phase,
    rate !== undefined && rate > 0 ? t('{0} a second', rate < 10 ? rate.toPrecision(2) : Math.round(rate)) : '',
    remainingMs === undefined ? '' : t('{0} left', durationText(remainingMs, t)),
    loss === undefined ? '' : t('loss {0}', loss.toPrecision(3)),
  ];
  return parts.filter(Boolean).join(', ');
}

/** `48 s`, `3 min 5 s`, `2 h 10 min`. */
function durationText(ms: number, t: Translate): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('{0} s', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t('{0} min {1} s', minutes, seconds % 60);
  return t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}
