import type { AnomalyViewHost } from '../../protocol/anomalyView.ts';
import { RpcError, type Remote } from '../../protocol/rpc.ts';
import { latestOnly } from '../model/latestOnly.ts';
import type { Screen } from '../ui/screen.ts';
import { looksAt, peakOf, stepIn, wholeMap } from './layers/maps.ts';
import type { Model, Place, Shown } from './shown.ts';
import { placeText } from './why/placeText.ts';

export interface ProbePorts {
  readonly screen: Screen<Model, Shown>;
  readonly host: Pick<Remote<AnomalyViewHost>, 'neighbours'>;
  readonly reveal: (place: Place) => void;
  /** To those who do not see it. */
  readonly say: (text: string) => void;
}

/**
 * The place of the image that the user asks about: how it is chosen, and what is found out about
 * it.
 */
export function probing({ screen, host, reveal, say }: ProbePorts) {
  const ask = latestOnly(async (place: Place): Promise<void> => {
    const still = () => JSON.stringify(screen.state.probe) === JSON.stringify(place);
    try {
      const neighbours = await host.neighbours(place);
      if (still()) screen.change({ neighbours, neighboursFailure: undefined });
    } catch (error) {
      if (error instanceof RpcError && error.ending !== 'error') return;
      if (still()) screen.change({ neighboursFailure: (error as Error).message });
    }
  });

  function probe(place: Place): void {
    const { detection } = screen.state.state;
    const looked = detection && looksAt(detection.detector, place.x, place.y);
    screen.change({ probe: place, ...(looked === false && { neighbours: [], neighboursFailure: undefined }) });
    say(placeText(screen.shown, place));
    if (looked) ask(place);
  }

  function goTo(place: Place): void {
    reveal(place);
    probe(place);
  }

  return {
    probe,
    /** Asks again: for another result. */
    again(): void {
      const { probe: place, state } = screen.state;
      if (place && state.detection && looksAt(state.detection.detector, place.x, place.y)) ask(place);
    },
    /** By positions of the anomaly map. */
    move(dx: number, dy: number): void {
      const { state, probe: place } = screen.state;
      if (!state.detection) return;
      const map = wholeMap(state.detection);
      goTo(stepIn(map, place ?? peakOf(map), dx, dy));
    },
    hottest(): void {
      const { detection } = screen.state.state;
      if (!detection) return;
      const { x, y } = peakOf(wholeMap(detection));
      goTo({ x, y });
    },
  };
}
