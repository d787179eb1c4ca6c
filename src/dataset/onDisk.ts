/**
 * Names on disk: what NFERD keeps beside a user's images, said once for engine, command and editor.
 */

/** In a folder of images: labels, results, detectors. */
export const ownFolder = '.nferd';
/** Below `ownFolder`. */
export const labelFile = 'labels.jsonl';
export const maskFolder = 'masks';
export const resultsFile = 'inspections.sqlite';
/** Below `ownFolder`: what the user said of the folder itself. */
export const datasetFile = 'dataset.json';
const detectors = 'detectors';
/** Beside `detectors`: taught versions, each in a folder of its own, that wait to be accepted. */
export const taughtFolder = 'taught';

/** Where a workspace folder keeps its detectors. */
export const detectorsFolder = `${ownFolder}/${detectors}`;

/** In a detector's folder. */
export const detectorFile = 'detector.json';
export const modelFile = 'detector.onnx';
export const stateFile = 'detector.state';

/** Of a detector-to-be: what a stopped training goes on from lies beside it. */
export const checkpointOf = (detector: string): string => `${detector}.checkpoint`;

/** Where `nferd detect` puts its pictures unless told otherwise. */
export const detectOutput = 'nferd-out';

/**
 * Whether a detector is a taught version that waits; where it was discarded, its folder is gone.
 */
export const isWaiting = (detector: string): boolean => waiting.test(detector);
const waiting = new RegExp(`/${taughtFolder}/[^/]+/[^/]+$`);
