import type * as vscode from 'vscode';
import type { UiState } from '../../../protocol/anomalyView.ts';
import type { MaskDrafts } from './maskDrafts.ts';

/** What goes from view to view. */
export interface ViewMemory {
  /** Absent where nothing was chosen yet. */
  ui?: UiState;
  readonly drafts: MaskDrafts;
}

/** What the user chose in a view, but for what a setting says anew. */
export function keptUi(ui: UiState, change: Pick<vscode.ConfigurationChangeEvent, 'affectsConfiguration'>): UiState {
  const kept = Object.entries(ui).filter(([key]) => !change.affectsConfiguration(`nferd.viewer.${key}`));
  return Object.fromEntries(kept);
}
