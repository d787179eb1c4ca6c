import { maskShare } from '../../dataset/maskRuns.ts';
import { operatingPoints, type CurveId } from '../../charts/curves.ts';
import { mapSide, type InspectionMetrics, type Thumbnail } from '../../protocol/inspection.ts';
import { rowLabels } from '../../dataset/rowLabels.ts';
import { needRegions } from '../../verdict/rules.ts';
import { heatColours } from '../detect/heatmap.ts';
import type { LabelFiles } from '../ports/labelPorts.ts';
import { curveSvg, escaped, figure, histogramSvg, type CurveText } from './reportCharts.ts';
import { notesOf, reportCounts, reportRows, type ReportInput, type ReportRow } from './reportData.ts';
import { reportStyle } from './reportStyle.ts';

/** Pictures of a section at most. */
const mostPictures = 12;

type Encode = Pick<LabelFiles, 'encodePng' | 'base64'>;

/**
 * A report as one HTML file: no script, nothing loaded from elsewhere, light or dark as the
 * reader's system is.
 */
export async function reportHtml(input: ReportInput, encode: Encode): Promise<string> {
  const rows = reportRows(input);
  const sections = [
    summary(input, rows),
    scores(input),
    curves(input),
    defectTable(input),
    ...(await gallery(input, rows, encode)),
    list(
      'Failed',
      rows.flatMap(({ failure }) => (failure === undefined ? [] : [failure])),
    ),
    list('Notes', notesOf(input)),
  ];
  return page(input, sections.join('\n'));
}

function page({ inspection, imageThreshold, now }: ReportInput, body: string): string {
  const { detector, folder } = inspection;
  const name = folder.split('/').findLast((part) => part !== '') ?? folder;
  const made =
    `${detector.mode}, ${escaped(detector.teacher)} at ` +
    `${detector.input.width} × ${detector.input.height} px, ` +
    `version ${escaped(detector.version)}`;
  const facts = [
    `Detector <b>${escaped(detector.name)}</b> (${made}), ${detector.normalImages} normal images`,
    ...(detector.roi ? [`looks at ${(100 * maskShare(detector.roi)).toPrecision(3)} % of an image`] : []),
    `threshold <b>${figure(imageThreshold)}</b>`,
    `${escaped(now.slice(0, 16).replace('T', ' '))} UTC`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}: inspection by ${escaped(detector.name)}</title><style>${reportStyle}</style></head>
<body><header><h1>${escaped(name)}</h1><p>${escaped(folder)}</p>
<p>${facts.join(' · ')}</p></header>
<main>${body}</main><footer>Made by NFERD.</footer></body></html>
`;
}

const scores = ({ inspection, imageThreshold }: ReportInput): string => {
  const calibrated = inspection.detector.thresholds.image;
  const marks = [
    ...(calibrated === imageThreshold
      ? []
      : [{ value: calibrated, text: `calibrated ${figure(calibrated)}`, kind: 'calibrated' as const }]),
    { value: imageThreshold, text: `threshold ${figure(imageThreshold)}`, kind: 'threshold' as const },
  ];
  return (
    '<section><h2>Scores</h2><p class="legend"><i class="normal"></i>normal ' +
    '<i class="anomalous"></i>anomalous <i class="other"></i>not labelled or unsure; excluded images ' +
    'and those that the detector was trained on are left out; heights by the square root</p>' +
    `${histogramSvg(inspection.rows, rowLabels(inspection), marks)}</section>`
  );
};

function curves(input: ReportInput): string {
  const { inspection, metrics } = input;
  const at = operatingPoints(reportCounts(input), metrics, inspection.detector.thresholds.pixel);
  const curve = (id: CurveId, text: CurveText) => curveSvg(id, metrics[id], text, at[id]);
  return `<section><h2>Curves</h2><div class="curves">${[
    curve('roc', {
      title: 'ROC',
      x: 'false-positive rate',
      y: 'true-positive rate',
      note: noted('AUROC', metrics.imageAuroc),
    }),
    curve('precisionRecall', {
      title: 'Precision–recall',
      x: 'recall',
      y: 'precision',
      note: noted('AP', metrics.imageAp),
    }),
    curve('pro', {
      title: 'PRO',
      x: 'false-positive rate of pixels',
      y: 'mean recall of regions',
      note: noted('AUPRO', metrics.aupro),
    }),
  ].join('')}</div></section>`;
}

const shown = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(3));
const noted = (name: string, value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${name} ${value.toFixed(3)}`;

/** What was measured, in figures. */
function summary(input: ReportInput, rows: readonly ReportRow[]): string {
  const { inspection, metrics } = input;
  const counts = reportCounts(input);
  const flagged = rows.filter(({ verdict }) => verdict === 'anomalous').length;
  return tiles([
    [
      'images',
      `${rows.length}`,
      `${flagged} ${needRegions(input.regions.rules) ? 'anomalous' : 'above the threshold'}`,
    ],
    ['I-AUROC', shown(metrics.imageAuroc), `${metrics.images} labelled images`],
    ['P-AUROC', shown(metrics.pixelAuroc), 'per pixel'],
    ['AUPRO', shown(metrics.aupro), 'per region, FPR to 0.3'],
    ['AUPRO 0.05', shown(metrics.aupro05), 'per region, FPR to 0.05'],
    ['AP', shown(metrics.imageAp), `F1-max ${shown(metrics.imageF1Max)}`],
    ['pixel AP', shown(metrics.pixelAp), `pixel F1-max ${shown(metrics.pixelF1Max)}`],
    ['recall at 5 %', shown(metrics.recallAt5), 'false alarms, whatever the threshold'],
    ['recall', shown(metrics.recall), 'at the threshold'],
    ['false alarms', `${counts.falseAlarms}`, `of ${counts.normal} normal${intervalText(metrics)}`],
    ['misses', `${counts.misses}`, `of ${counts.anomalous} anomalous`],
    [
      'pixel F1',
      shown(metrics.pixelF1),
      `IoU ${shown(metrics.pixelIou)}, above ${figure(inspection.detector.thresholds.pixel)}`,
    ],
  ]);
}

const intervalText = ({ falseAlarmInterval: interval }: InspectionMetrics): string =>
  interval
    ? `: ${[interval.low, interval.high].map((end) => (100 * end).toFixed(1)).join(' to ')} % (95 % interval)`
    : '';

const tiles = (all: readonly (readonly [string, string, string])[]): string =>
  `<section class="tiles">${all
    .map(([name, value, more]) => `<div><span>${name}</span><b>${value}</b><small>${more}</small></div>`)
    .join('')}</section>`;

const list = (title: string, lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : `<section><h2>${title} <small>${lines.length}</small></h2>` +
      `<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul></section>`;

function defectTable({ metrics }: ReportInput): string {
  const defects = Object.entries(metrics.perDefect);
  if (defects.length === 0) return '';
  const columns: readonly (readonly [string, (of: (typeof defects)[number][1]) => number | undefined])[] = [
    ['recall', (of) => of.recall],
    ['recall at 5 %', (of) => of.recallAt5],
    ['I-AUROC', (of) => of.imageAuroc],
    ['AP', (of) => of.imageAp],
    ['P-AUROC', (of) => of.pixelAuroc],
    ['pixel AP', (of) => of.pixelAp],
    ['pixel F1-max', (of) => of.pixelF1Max],
    ['AUPRO', (of) => of.aupro],
    ['AUPRO 0.05', (of) => of.aupro05],
  ];
  const head = ['defect', 'images', ...columns.map(([name]) => name)];
  const body = defects.map(([name, values]) => {
    const cells = columns.map(([, of]) => `<td>${shown(of(values))}</td>`);
    return `<tr><th scope="row">${escaped(name)}</th><td>${values.images}</td>${cells.join('')}</tr>`;
  });
  return (
    '<section><h2>Defect types</h2><div class="scroll"><table>' +
    `<thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead>` +
    `<tbody>${body.join('')}</tbody></table></div>` +
    '<p class="hint">Each defect type against all normal images; recall at the threshold, and the most of ' +
    'it at 5 % false alarms.</p></section>'
  );
}

/**
 * The worst images: what was missed, what was called anomalous without cause, and the highest
 * scores of what nobody labelled.
 */
async function gallery(input: ReportInput, rows: readonly ReportRow[], encode: Encode): Promise<string[]> {
  const judged = rows.filter((row) => row.score !== undefined && !row.trained);
  const byScore = (order: 1 | -1) => (a: ReportRow, b: ReportRow) => order * (a.score! - b.score!);
  const wrong = (label: string, verdict: string) =>
    judged.filter((row) => row.label === label && row.verdict === verdict);
  const parts = [
    ['Missed anomalies', 'the least conspicuous first', wrong('anomalous', 'normal').sort(byScore(1))],
    ['False alarms', 'the highest scores first', wrong('normal', 'anomalous').sort(byScore(-1))],
    ['Not labelled', 'the highest scores', wrong('unknown', 'anomalous').sort(byScore(-1))],
    ['Found', 'the highest scores', wrong('anomalous', 'anomalous').sort(byScore(-1))],
  ] as const;
  return Promise.all(
    parts.map(async ([title, hint, all]) => {
      if (all.length === 0) return '';
      const some = all.slice(0, mostPictures);
      const thumbnails = await input.thumbnails(some.map(({ row }) => row));
      const figures = await Promise.all(some.map((row, at) => picture(row, thumbnails[at], encode)));
      const more = all.length > some.length ? `, ${some.length} of ${all.length} shown` : '';
      return (
        `<section><h2>${title} <small>${all.length}</small></h2><p class="hint">${hint}${more}</p>` +
        `<div class="gallery">${figures.join('')}</div></section>`
      );
    }),
  );
}

async function picture(row: ReportRow, thumbnail: Thumbnail | undefined, encode: Encode): Promise<string> {
  const uri = (bytes: Uint8Array): string =>
    `data:image/${bytes[0] === 0xff ? 'jpeg' : 'png'};base64,${encode.base64(bytes)}`;
  const image = thumbnail?.picture && `<img alt="" src="${uri(thumbnail.picture)}">`;
  const map = thumbnail?.map && ({ width: mapSide, height: mapSide, channels: 4, data: heat4(thumbnail.map) } as const);
  const heat = map && `<img alt="" class="heat" src="${uri(await encode.encodePng(map))}">`;
  const plain = image ? `<div class="shot">${image}</div>` : '';
  const label = row.defectType ?? row.label;
  return (
    `<figure>${plain}<div class="shot">${image ?? '<span>no picture</span>'}${heat ?? ''}</div>` +
    `<figcaption><b>${figure(row.score!)}</b> ${escaped(label)}` +
    `<span title="${escaped(row.image)}">${escaped(row.image)}</span>${regionsText(row)}</figcaption></figure>`
  );
}

function regionsText({ regions = 0, largestArea = 0, reasons }: ReportRow): string {
  const text = regions === 1 ? '1 region' : `${regions} regions, the largest`;
  const found = regions === 0 ? 'no region' : `${text} ${figure(largestArea)} px²`;
  return `<span title="${escaped(reasons ?? '')}">${found}</span>`;
}

/**
 * Levels of a thumbnail's map (0 … 255 for 0 … three pixel thresholds) as RGBA: what lies well
 * below the threshold is clear.
 */
function heat4(map: Uint8Array): Uint8Array {
  const out = new Uint8Array(map.length * 4);
  map.forEach((level, at) => {
    const share = (3 * level) / 255;
    const colour = 3 * Math.round(255 * Math.min(1, share / 2));
    const rise = Math.min(1, Math.max(0, (share - 0.35) / 0.65));
    out.set([heatColours[colour]!, heatColours[colour + 1]!, heatColours[colour + 2]!, 190 * rise * rise], 4 * at);
  });
  return out;
}
