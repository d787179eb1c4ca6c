import type { AnomalyViewApp, AnomalyViewHost, GivenPicture, ViewState } from '../../protocol/anomalyView.ts';
import { connect } from '../../protocol/rpc.ts';
import { hostPort, pageData, pageState } from '../ui/host.ts';
import { App, type PageState } from './app.ts';

// Benches read these marks, and `nferd:painted`.
performance.mark('nferd:script');
// Drawn from what the page came with; VS Code holds messages back until the page is loaded.
const state = pageData<ViewState>('state')!;
if (state.detection) performance.mark('nferd:detection');
let give: (picture: GivenPicture | undefined) => void = () => undefined;
const given = new Promise<GivenPicture | undefined>((resolve) => (give = resolve));
const { remote } = connect<AnomalyViewHost, AnomalyViewApp>(hostPort, {
  update: (change) => app.update(change),
  picture: (picture) => give(picture),
});
const app: App = new App(document.getElementById('app')!, remote, state, {
  remembered: pageState.load<PageState>(),
  save: (page) => pageState.save(page),
  given,
  embedded: document.querySelector<HTMLImageElement>('#picture'),
});
performance.mark('nferd:built');

/**
 * After what VS Code held back has come: a page that was hidden and is shown again has an old
 * state.
 */
const catchUp = (): unknown =>
  setTimeout(async () => {
    give(undefined);
    const now = await remote.ready({ revision: app.revision }).catch(() => undefined);
    if (now) app.update(now);
  }, 30);
if (document.readyState === 'complete') catchUp();
else addEventListener('load', catchUp);
