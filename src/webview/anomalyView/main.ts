import type { AnomalyViewApp, AnomalyViewHost } from '../../protocol/anomalyView.ts';
import { connect, type Connection } from '../../protocol/rpc.ts';
import { hostPort, pageState } from '../lib/host.ts';
import { App, type PageState } from './app.ts';

// The host's first update comes after the answer to `ready`, from which the app is made.
const { remote }: Connection<AnomalyViewHost> = connect<AnomalyViewHost, AnomalyViewApp>(hostPort, {
  update(change): void {
    app.update(change);
  },
});
// Benches read these marks, and `nferd:painted`.
performance.mark('nferd:script');
const state = await remote.ready();
performance.mark('nferd:state');
const app: App = new App(document.getElementById('app')!, remote, state, {
  remembered: pageState.load<PageState>(),
  save: (page) => pageState.save(page),
});
