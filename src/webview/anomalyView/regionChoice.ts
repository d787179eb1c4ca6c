import type { Region } from '../../maps/regions.ts';
import { figures, t } from '../ui/l10n.ts';
import type { Screen } from '../ui/screen.ts';
import type { Part } from './image/viewport.ts';
import type { Model, Place, Shown } from './shown.ts';

export interface RegionPorts {
  readonly screen: Screen<Model, Shown>;
  /** Zooms to a part of the image. */
  readonly frame: (part: Part) => void;
  readonly probe: (place: Place) => void;
  /** To those who do not see it. */
  readonly say: (text: string) => void;
}

/** The region that the user looks at: it is outlined, zoomed to, and asked about at its peak. */
export function regionChoice({ screen, frame, probe, say }: RegionPorts) {
  function choose(region: Region): void {
    const { judged } = screen.shown;
    if (!judged) return;
    const { width, height } = judged.detection.original;
    frame(region.box);
    screen.change({ chosen: region.hottest });
    probe({ x: region.hottest.x / width, y: region.hottest.y / height });
    say(regionText(region, judged.regions.indexOf(region)));
  }

  return {
    choose,
    /** The next one, or the one before; from the last to the first. */
    step(by: 1 | -1): void {
      const { judged, region } = screen.shown;
      const count = judged?.regions.length ?? 0;
      if (!judged || count === 0) return say(t('No region lies above the pixel threshold.'));
      const at = region ? judged.regions.indexOf(region) + by : by > 0 ? 0 : -1;
      choose(judged.regions[(at + count) % count]!);
    },
  };
}

/** An area in square pixels of the image, without decimals where it has many. */
export const areaText = (area: number): string => (area < 10 ? String(Number(area.toFixed(1))) : area.toFixed(0));

/** A region in words. @param index from 0 */
const regionText = ({ area, peak }: Region, index: number): string =>
  t('Region {0}: {1} px², peak {2}', index + 1, areaText(area), figures(peak));
