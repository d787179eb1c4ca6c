import { anomalyMapOf } from '../../../maps/enlarge.ts';
import { regionsOf } from '../../../maps/regions.ts';
import type { Detection } from '../../../protocol/engine.ts';
import { breachesOf, needRegions, type Breach, type Rules } from '../../../verdict/rules.ts';
import type { EffectiveThresholds } from '../../../verdict/thresholds.ts';
import type { Finding } from './findingsFile.ts';

/** Areas of a detection's regions where a rule needs them: finding them takes a while. */
export const neededAreas = (detection: Detection, pixelThreshold: number, rules: Rules): number[] | undefined =>
  needRegions(rules)
    ? regionsOf(anomalyMapOf(detection), pixelThreshold, detection.original).map(({ area }) => area)
    : undefined;

/** Why a detection's image is anomalous; none: it is normal. */
export const judgeDetection = (detection: Detection, { image, pixel }: EffectiveThresholds, rules: Rules): Breach[] =>
  breachesOf(
    {
      score: detection.score,
      threshold: image.value,
      areas: neededAreas(detection, pixel.value, rules) ?? [],
    },
    rules,
  );

/**
 * Why an image found earlier is anomalous, as far as that is known: what was found at another pixel
 * threshold says nothing of the rules at this one.
 */
export function judgeFinding(
  { score, regions }: Finding,
  { image, pixel }: EffectiveThresholds,
  rules: Rules,
): Breach[] {
  const areas = regions?.pixelThreshold === pixel.value ? regions.areas : [];
  return breachesOf({ score, threshold: image.value, areas }, rules);
}
