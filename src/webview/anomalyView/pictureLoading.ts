import type { AnomalyViewHost, GivenPicture } from '../../protocol/anomalyView.ts';
import type { Remote } from '../../protocol/rpc.ts';
import type { Screen } from '../ui/screen.ts';
import { loadPicture } from './image/picture.ts';
import type { Model, Shown } from './shown.ts';

export interface PicturePorts {
  readonly screen: Screen<Model, Shown>;
  readonly host: Pick<Remote<AnomalyViewHost>, 'picture'>;
  /** The first image where the page came with it. */
  readonly embedded: HTMLImageElement | null;
  /** The first image's file where the host sent it along; undefined where it did not. */
  readonly given: Promise<GivenPicture | undefined>;
}

/** Loads the image that is shown, once. Call it whenever that may be another one. */
export function pictureLoading({ screen, host, embedded, given }: PicturePorts): () => Promise<void> {
  const firstUri = screen.state.state.image.uri;
  let wanted: string | undefined;
  return async () => {
    const { uri, path, sent } = screen.state.state.image;
    if (uri === wanted) return;
    wanted = uri;
    const inPage = uri === firstUri ? embedded : null;
    try {
      const file = sent && !inPage ? await given : undefined;
      const bytes = file?.uri === uri ? file.bytes : undefined;
      const picture = await loadPicture(uri, () => host.picture({ image: path }), inPage ?? bytes);
      if (!screen.state.picture) performance.mark('nferd:picture');
      if (uri === wanted) screen.change({ picture, pictureFailure: undefined });
    } catch (error) {
      if (uri === wanted) screen.change({ pictureFailure: (error as Error).message });
    }
  };
}
