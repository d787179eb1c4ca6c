import './fakeHost.ts';
import '../../../src/webview/datasetView/main.ts';
