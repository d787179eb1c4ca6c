import { changedState, type DatasetViewApp, type DatasetViewHost } from '../../protocol/datasetView.ts';
import { connect, type Connection } from '../../protocol/rpc.ts';
import { hostPort, pageState } from '../ui/host.ts';
import { App, type PageState } from './app.ts';

// The host's first update comes after the answer to `ready`, from which the app is made.
const { remote }: Connection<DatasetViewHost> = connect<DatasetViewHost, DatasetViewApp>(hostPort, {
  update: (change) => app.update(changedState(change)),
  found: (found) => app.found(found),
  labelled: (lines) => app.labelled(lines),
});
const state = await remote.ready();
const app: App = new App(document.getElementById('app')!, remote, state, {
  remembered: pageState.load<PageState>(),
  save: (page) => pageState.save(page),
});
