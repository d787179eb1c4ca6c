/**
 * Writes what the manifest says of the extension, from src/extension/ids.ts and config.ts:
 * package.json and package.nls.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { restrictedSettings, settings } from '../src/extension/config.ts';
import { detectorFile, detectorsFolder } from '../src/dataset/onDisk.ts';
import { imageExtensions } from '../src/dataset/imagePath.ts';
import {
  anomalousColor,
  anomalyViewType,
  commands,
  datasetViewType,
  walkthroughId,
  type CommandId,
} from '../src/extension/ids.ts';

const category = 'NFERD';
const imagePreview = 'imagePreview.previewEditor';
/**
 * Of this machine, not of a commit or an archive. In a remote window the workbench has a scheme of
 * its own for it.
 */
const isLocal = 'resourceScheme =~ /^(file|vscode-remote)$/';
const isImage = `resourceExtname =~ /^\\.(${imageExtensions.join('|')})$/i`;

/** Collects every text under a key, so that it can be translated. */
class Texts {
  readonly all: Record<string, string> = {};

  /** The manifest's reference to `text`. */
  key(name: string, text: string): string {
    this.all[name] = text;
    return `%${name}%`;
  }
}

const steps = [
  {
    id: 'train',
    title: 'Point at normal images',
    description:
      'Collect some twenty or more images of good parts in a folder, right-click it in the Explorer and ' +
      'choose *Train on normal images*. **Instant** mode answers in seconds.\n[Train on normal ' +
      'images](command:nferd.trainOnNormalImages)',
    done: 'onCommand:nferd.trainOnNormalImages',
    picture: 'walkthrough/train.svg',
    alt: 'A folder of good parts becomes a bank of normal patches',
  },
  {
    id: 'detect',
    title: 'Look at a doubtful image',
    description:
      'Right-click an image and choose *Detect anomalies*: you see its score against the threshold, and ' +
      'where it differs from what is normal.\n[Detect anomalies](command:nferd.detectAnomalies)',
    done: 'onCommand:nferd.detectAnomalies',
    picture: 'walkthrough/detect.svg',
    alt: 'A part with a scratch under a heatmap',
  },
  {
    id: 'why',
    title: 'Ask why',
    description:
      'Click any position, or move there with the arrow keys: the viewer shows the nearest normal ' +
      'patches, how similar they are and where they came from.',
    done: `onContext:activeCustomEditorId == '${anomalyViewType}'`,
    picture: 'walkthrough/why.svg',
    alt: 'A patch beside its nearest normal patches',
  },
  {
    id: 'threshold',
    title: 'Set the threshold',
    description:
      'Move the sliders until the verdict is right and save. The numbers land in `settings.json`, where ' +
      'you may edit them as well.\n[Open the ' +
      'settings](command:workbench.action.openSettings?%5B%22nferd.threshold%22%5D)',
    done: 'onSettingChanged:nferd.threshold.image',
    picture: 'walkthrough/threshold.svg',
    alt: 'Scores of normal images, a threshold and an image above it',
  },
] as const;

const groups: Readonly<Record<string, readonly string[]>> = {
  Detector: ['nferd.detector', 'nferd.threshold', 'nferd.rules'],
  Engine: ['nferd.executionProvider', 'nferd.inference', 'nferd.training', 'nferd.cuda'],
  Viewer: ['nferd.viewer'],
};

/** `png` → `[pP][nN][gG]`: the editor's patterns heed case. */
const anyCase = (extension: string): string =>
  extension.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const menus = {
  'explorer/context': [
    { command: 'nferd.detectAnomalies', when: `${isImage} && !explorerResourceIsFolder`, group: '2_nferd@1' },
    { command: 'nferd.trainOnNormalImages', when: 'explorerResourceIsFolder', group: '2_nferd@1' },
    { command: 'nferd.inspectDataset', when: 'explorerResourceIsFolder', group: '2_nferd@2' },
  ],
  'editor/title': [
    {
      command: 'nferd.detectAnomalies',
      when: `activeCustomEditorId == '${imagePreview}' && ${isImage} && ${isLocal}`,
      group: 'navigation@1',
    },
    {
      command: 'nferd.selectDetector',
      when: `activeCustomEditorId == '${anomalyViewType}'`,
      group: 'navigation@1',
    },
  ],
  'editor/title/context': [{ command: 'nferd.detectAnomalies', when: `${isImage} && ${isLocal}`, group: '2_nferd@1' }],
};

const keybindings = [
  {
    command: 'nferd.detectAnomalies',
    key: 'shift+alt+d',
    when: `activeCustomEditorId == '${imagePreview}' && !filesExplorerFocus`,
  },
  {
    command: 'nferd.detectAnomalies',
    key: 'shift+alt+d',
    when: `filesExplorerFocus && !inputFocus && !explorerResourceIsFolder && ${isImage}`,
    args: 'explorer',
  },
];

const command = (texts: Texts, id: CommandId) => ({
  command: id,
  category,
  title: texts.key(`${id}.title`, commands[id].title),
  ...(commands[id].icon && { icon: commands[id].icon }),
});

type Setting = readonly [string, (typeof settings)[keyof typeof settings]];

/** Its id and its property in the manifest. */
function setting(texts: Texts, [id, { schema, ...value }]: Setting, order: number) {
  const property = {
    ...schema,
    default: value.default,
    scope: value.scope ?? 'resource',
    order,
    markdownDescription: texts.key(`${id}.description`, value.description),
    ...(Array.isArray(schema.markdownEnumDescriptions) && {
      markdownEnumDescriptions: (schema.enum as string[]).map((name, index) =>
        texts.key(`${id}.${name}`, (schema.markdownEnumDescriptions as string[])[index]!),
      ),
    }),
  };
  return [id, property] as const;
}

const customEditors = (texts: Texts) => [
  {
    viewType: anomalyViewType,
    displayName: texts.key('anomalyView.displayName', 'Anomaly view'),
    selector: imageExtensions.map((extension) => ({ filenamePattern: `*.${anyCase(extension)}` })),
    priority: 'option',
  },
];

const configuration = (texts: Texts) =>
  Object.entries(groups).map(([title, prefixes]) => ({
    title: texts.key(`configuration.${title.toLowerCase()}`, title),
    properties: Object.fromEntries(
      Object.entries(settings)
        .filter(([id]) => prefixes.some((prefix) => id === prefix || id.startsWith(`${prefix}.`)))
        .map((each, order) => setting(texts, each, order)),
    ),
  }));

const colors = (texts: Texts) => [
  {
    id: anomalousColor,
    description: texts.key('colors.anomalous', 'Explorer entries of images found anomalous.'),
    defaults: {
      dark: 'editorWarning.foreground',
      light: 'editorWarning.foreground',
      highContrast: 'editorWarning.foreground',
      highContrastLight: 'editorWarning.foreground',
    },
  },
];

const walkthroughs = (texts: Texts) => [
  {
    id: walkthroughId,
    title: texts.key('walkthrough.title', 'From a folder of good parts to a detector'),
    description: texts.key(
      'walkthrough.description',
      'Find defects in product images with a model made from normal images alone.',
    ),
    steps: steps.map(({ id, title, description, done, picture, alt }) => ({
      id,
      title: texts.key(`walkthrough.${id}.title`, title),
      description: texts.key(`walkthrough.${id}.description`, description),
      completionEvents: [done],
      media: { svg: `media/${picture}`, altText: texts.key(`walkthrough.${id}.alt`, alt) },
    })),
  },
];

/** `contributes` and the texts that it refers to. */
export function manifest(): { readonly contributes: object; readonly texts: Readonly<Record<string, string>> } {
  const texts = new Texts();
  const contributes = {
    commands: (Object.keys(commands) as CommandId[]).map((id) => command(texts, id)),
    menus,
    keybindings,
    customEditors: customEditors(texts),
    configuration: configuration(texts),
    colors: colors(texts),
    walkthroughs: walkthroughs(texts),
  };
  return { contributes, texts: texts.all };
}

/** What package.json has for the extension beside its own name and version. */
export function extensionManifest() {
  const { contributes, texts } = manifest();
  return {
    fields: {
      main: './dist/extension.cjs',
      icon: 'media/icon.png',
      categories: ['Machine Learning', 'Visualization', 'Data Science'],
      keywords: ['anomaly detection', 'defect', 'inspection', 'quality', 'heatmap', 'image'],
      l10n: './l10n',
      galleryBanner: { color: '#16161f', theme: 'dark' },
      extensionKind: ['workspace'],
      activationEvents: [`workspaceContains:${detectorsFolder}/*/${detectorFile}`, `onWebviewPanel:${datasetViewType}`],
      capabilities: {
        untrustedWorkspaces: {
          supported: 'limited',
          description: '%capabilities.untrusted%',
          restrictedConfigurations: restrictedSettings,
        },
        virtualWorkspaces: { supported: false, description: '%capabilities.virtual%' },
      },
      contributes,
    },
    texts: {
      ...texts,
      'capabilities.untrusted':
        'Native code decodes images and runs detectors: until you trust the workspace, none of it is read ' +
        'or run. Doctor, the engine log and the settings work.',
      'capabilities.virtual': 'Images and detectors are read from disk by a process of their own.',
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = path.resolve(import.meta.dirname, '..');
  const file = path.join(root, 'package.json');
  const { fields, texts } = extensionManifest();
  const written = { ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...fields };
  writeFileSync(file, `${JSON.stringify(written, undefined, 2)}\n`);
  writeFileSync(path.join(root, 'package.nls.json'), `${JSON.stringify(texts, undefined, 2)}\n`);
}
