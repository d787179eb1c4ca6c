import { figures, t } from '../../ui/l10n.ts';
import { looksAt, valueAt, wholeMap } from '../layers/maps.ts';
import type { Place, Shown } from '../shown.ts';

/** Place in pixels and the map's value there, in words. */
export function placeText({ judged }: Shown, { x, y }: Place): string {
  if (!judged) return '';
  const { detection, pixelThreshold } = judged;
  const value = valueAt(wholeMap(detection), x, y);
  const [px, py] = [Math.floor(x * detection.original.width), Math.floor(y * detection.original.height)];
  if (!looksAt(detection.detector, x, y)) return t('At {0}, {1}: outside the region of interest', px, py);
  return value > pixelThreshold
    ? t('At {0}, {1}: {2}, above the pixel threshold {3}', px, py, figures(value), figures(pixelThreshold))
    : t('At {0}, {1}: {2}, not above the pixel threshold {3}', px, py, figures(value), figures(pixelThreshold));
}
