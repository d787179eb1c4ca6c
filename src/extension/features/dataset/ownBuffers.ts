import type {
  CurvePoints,
  Inspection,
  InspectionMetrics,
  InspectionRows,
  Thumbnail,
} from '../../../protocol/inspection.ts';

/*
 * What a process sends shares one buffer, which a webview would be sent as a whole for each part.
 */

const ownRows = (rows: InspectionRows): InspectionRows => ({
  ...rows,
  state: rows.state.slice(),
  score: rows.score.slice(),
  peak: rows.peak.slice(),
  folderLabel: rows.folderLabel.slice(),
  folderDefect: rows.folderDefect.slice(),
  trained: rows.trained.slice(),
});

export const ownInspection = (inspection: Inspection): Inspection => ({
  ...inspection,
  rows: ownRows(inspection.rows),
});

/** A Buffer would travel to a webview as text, number by number. */
export const ownThumbnail = ({ row, picture, map }: Thumbnail): Thumbnail => ({
  row,
  ...(picture && { picture: new Uint8Array(picture) }),
  ...(map && { map: new Uint8Array(map) }),
});

const ownCurve = ({ x, y, threshold }: CurvePoints): CurvePoints => ({
  x: x.slice(),
  y: y.slice(),
  threshold: threshold.slice(),
});

export const ownMetrics = ({ roc, precisionRecall, pro, ...rest }: InspectionMetrics): InspectionMetrics => ({
  ...rest,
  ...(roc && { roc: ownCurve(roc) }),
  ...(precisionRecall && { precisionRecall: ownCurve(precisionRecall) }),
  ...(pro && { pro: ownCurve(pro) }),
});
