import * as vscode from 'vscode';
import type { AnomalyViewHost, ViewState } from '../../../protocol/anomalyView.ts';
import type { MaskRuns } from '../../../dataset/maskRuns.ts';
import type { Handlers } from '../../../protocol/rpc.ts';
import { Failure } from '../../messages.ts';
import type { ImageLabel } from './imageLabel.ts';
import { pickDefectType } from './pickDefectType.ts';

export interface LabelPorts {
  readonly label: ImageLabel;
  readonly state: () => ViewState;
  /** Tells the page as well. */
  readonly update: (change: Partial<ViewState>) => void;
  /** For what the page knows already: until it is made anew. */
  readonly note: (change: Partial<ViewState>) => void;
  /** @returns whether it was taught */
  readonly teach: (marked: MaskRuns) => Promise<boolean>;
}

type LabelMethods = 'setLabel' | 'chooseDefectType' | 'readMask' | 'keepMask' | 'saveMask' | 'teachAsNormal';

/** What the view's page asks for that is about the image's label and mask. */
export function labelHandlers(ports: LabelPorts): Pick<Handlers<AnomalyViewHost>, LabelMethods> {
  const { label, state, update, note } = ports;
  const keepMask = (mask: MaskRuns | null): void => {
    label.keepMask(mask);
    note({ unsavedMask: mask !== null });
  };
  return {
    setLabel: async (given) => update(await label.setLabel(given.label)),
    chooseDefectType: async () => {
      const { image, defectType = null } = state();
      const chosen = await pickDefectType(image.name, await label.defectTypes(), defectType);
      if (chosen !== undefined) update(await label.setLabel('anomalous', chosen));
    },
    readMask: () => label.readMask(),
    keepMask,
    saveMask: async (mask) => update({ ...(await label.saveMask(mask)), unsavedMask: false }),
    teachAsNormal: async (mask) => {
      const marked = await label.marked(mask);
      if (!marked)
        throw new Failure(
          vscode.l10n.t('Mark what is normal first. What is saved as defective stays so, and is not taught.'),
        );
      // It marks what is normal: leaving the view must not save it as defective.
      keepMask(null);
      let taught = false;
      try {
        taught = await ports.teach(marked);
      } finally {
        if (!taught) keepMask(mask);
      }
      return taught;
    },
  };
}
