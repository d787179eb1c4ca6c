/** Every id that the manifest and the code share. */

export interface CommandInfo {
  readonly title: string;
  readonly icon?: string;
}

export const commands = {
  'nferd.detectAnomalies': { title: 'Detect anomalies', icon: '$(search-fuzzy)' },
  'nferd.trainOnNormalImages': { title: 'Train on normal images', icon: '$(mortar-board)' },
  'nferd.inspectDataset': { title: 'Inspect dataset', icon: '$(graph)' },
  'nferd.selectDetector': { title: 'Select detector', icon: '$(list-selection)' },
  'nferd.showLog': { title: 'Show engine log', icon: '$(output)' },
  'nferd.doctor': { title: 'Doctor', icon: '$(pulse)' },
  'nferd.installCudaRuntime': { title: 'Install CUDA runtime', icon: '$(cloud-download)' },
  'nferd.removeCudaRuntime': { title: 'Remove CUDA runtime', icon: '$(trash)' },
} as const satisfies Record<string, CommandInfo>;
export type CommandId = keyof typeof commands;

export const anomalyViewType = 'nferd.anomalyView';
export const datasetViewType = 'nferd.datasetView';
export const anomalousColor = 'nferd.anomalousForeground';
export const walkthroughId = 'nferd.firstDetector';

/** What the engine reads; lower case, without the dot. */
export const imageExtensions = ['png', 'jpg', 'jpeg', 'bmp', 'tif', 'tiff', 'webp'] as const;

export const isImagePath = (path: string): boolean =>
  imageExtensions.some((extension) => path.toLowerCase().endsWith(`.${extension}`));

/** Where a workspace folder keeps its detectors. */
export const detectorsFolder = '.nferd/detectors';
export const detectorFile = 'detector.json';
/** Beside a detector-to-be: what a stopped training goes on from. */
export const checkpointSuffix = '.checkpoint';
/** Fewer normal images than these can't be trained on. */
export const fewestNormals = 5;
