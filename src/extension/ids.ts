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
