/*
 * What the extension uses of the module `vscode`, for tests without an editor. They read and steer
 * it through `editor`.
 */
import path from 'node:path';

type Listener<T> = (event: T) => unknown;

export class Disposable {
  readonly #dispose: () => unknown;
  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }
  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.forEach((each) => each.dispose()));
  }
  dispose(): void {
    this.#dispose();
  }
}

export class EventEmitter<T> {
  readonly #listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): Disposable => {
    this.#listeners.add(listener);
    return new Disposable(() => this.#listeners.delete(listener));
  };
  fire(event: T): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class Uri {
  readonly scheme: string;
  readonly path: string;
  constructor(scheme: string, file: string) {
    this.scheme = scheme;
    this.path = file;
  }
  static file(file: string): Uri {
    return new Uri('file', file);
  }
  static joinPath(uri: Uri, ...parts: string[]): Uri {
    return new Uri(uri.scheme, path.posix.join(uri.path, ...parts));
  }
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    return `${this.scheme}://${this.path}`;
  }
}

export class RelativePattern {
  readonly base: Uri;
  readonly pattern: string;
  constructor(base: Uri, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

export class ThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class FileDecoration {
  readonly badge: string;
  readonly tooltip: string;
  constructor(badge: string, tooltip: string) {
    this.badge = badge;
    this.tooltip = tooltip;
  }
}

export class TabInputCustom {
  readonly uri: Uri;
  constructor(uri: Uri) {
    this.uri = uri;
  }
}
export class TabInputText extends TabInputCustom {}

export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 } as const;
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;
export const ViewColumn = { Active: -1, Beside: -2 } as const;
export const StatusBarAlignment = { Left: 1, Right: 2 } as const;

interface Folder {
  readonly uri: Uri;
  readonly name: string;
}

class Watcher {
  readonly pattern: string | RelativePattern;
  readonly #events = {
    create: new EventEmitter<Uri>(),
    change: new EventEmitter<Uri>(),
    delete: new EventEmitter<Uri>(),
  };
  readonly onDidCreate = this.#events.create.event;
  readonly onDidChange = this.#events.change.event;
  readonly onDidDelete = this.#events.delete.event;
  constructor(pattern: string | RelativePattern) {
    this.pattern = pattern;
  }
  fire(event: 'create' | 'change' | 'delete', file: string): void {
    this.#events[event].fire(Uri.file(file));
  }
  dispose(): void {}
}

export class CancellationTokenSource {
  readonly #cancelled = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#cancelled.event };
  cancel(): void {
    this.token.isCancellationRequested = true;
    this.#cancelled.fire();
  }
}

/** Settings by scope: '' the user's, a folder's path that folder's. */
const settings = new Map<string, Map<string, unknown>>();
const trusted = new EventEmitter<void>();
const configured = new EventEmitter<{ affectsConfiguration(section: string): boolean }>();

/** The test's side: what was shown and run, and what the user will answer. */
export const editor = {
  folders: [] as Folder[],
  trusted: true,
  watchers: [] as Watcher[],
  /** Every message, choice and command, oldest first. */
  log: [] as string[],
  /** Titles that the user will choose, oldest first; a message of none of them is dismissed. */
  answers: [] as (string | Uri[])[],
  /** The token source of the last progress notification. */
  progress: undefined as CancellationTokenSource | undefined,
  statusBar: {} as Record<string, unknown>,
  decorations: undefined as { provideFileDecoration(uri: Uri): Promise<FileDecoration | undefined> } | undefined,
  openTab: undefined as Uri | undefined,
  clipboard: '',
  selectedPaths: '',
  set(id: string, value: unknown, scope = ''): void {
    if (!settings.has(scope)) settings.set(scope, new Map());
    if (value === undefined) settings.get(scope)!.delete(id);
    else settings.get(scope)!.set(id, value);
    configured.fire({ affectsConfiguration: (section) => id.startsWith(section) });
  },
  setting: (id: string, scope = ''): unknown => settings.get(scope)?.get(id),
  trust(): void {
    editor.trusted = true;
    trusted.fire();
  },
  reset(): void {
    settings.clear();
    const empty = { folders: [], trusted: true, watchers: [], log: [], answers: [], progress: undefined };
    Object.assign(editor, empty, { openTab: undefined, clipboard: '', decorations: undefined });
  },
};

/** The next answer, if it is among `titles`. */
function answer(titles: readonly string[]): string | undefined {
  const [next] = editor.answers;
  if (typeof next !== 'string' || !titles.includes(next)) return undefined;
  editor.answers.shift();
  return next;
}

async function message(kind: string, text: string, rest: unknown[]): Promise<string | undefined> {
  const titles = rest.filter((each): each is string => typeof each === 'string');
  editor.log.push(`${kind}: ${text}${titles.length > 0 ? ` [${titles.join(', ')}]` : ''}`);
  return answer(titles);
}

const folderOf = (uri: Uri): Folder | undefined =>
  editor.folders.find((each) => uri.path.startsWith(each.uri.path + '/'));
const noEvent = new EventEmitter<never>().event;

export const workspace = {
  get workspaceFolders(): Folder[] | undefined {
    return editor.folders.length > 0 ? editor.folders : undefined;
  },
  workspaceFile: undefined,
  name: 'root',
  get isTrusted(): boolean {
    return editor.trusted;
  },
  getWorkspaceFolder: (uri: Uri) => folderOf(uri) ?? editor.folders.find((each) => each.uri.path === uri.path),
  asRelativePath: (file: string | Uri) => path.basename(typeof file === 'string' ? file : file.path),
  createFileSystemWatcher(pattern: string | RelativePattern): Watcher {
    const watcher = new Watcher(pattern);
    editor.watchers.push(watcher);
    return watcher;
  },
  getConfiguration(_section: undefined, scope: Uri | null) {
    const folder = scope ? (workspace.getWorkspaceFolder(scope)?.uri.path ?? '') : '';
    return {
      get: (id: string) => settings.get(folder)?.get(id) ?? settings.get('')?.get(id),
      inspect: (id: string) => ({
        globalValue: settings.get('')?.get(id),
        workspaceFolderValue: folder ? settings.get(folder)?.get(id) : undefined,
      }),
      update: async (id: string, value: unknown, target: number) =>
        editor.set(id, value, target === ConfigurationTarget.Global ? '' : folder),
    };
  },
  onDidChangeConfiguration: configured.event,
  onDidChangeWorkspaceFolders: noEvent,
  onDidGrantWorkspaceTrust: trusted.event,
};

export const window = {
  tabGroups: {
    get activeTabGroup() {
      return { activeTab: editor.openTab && { input: new TabInputCustom(editor.openTab) } };
    },
    onDidChangeTabs: noEvent,
    onDidChangeTabGroups: noEvent,
  },
  showInformationMessage: (text: string, ...rest: unknown[]) => message('info', text, rest),
  showWarningMessage: (text: string, ...rest: unknown[]) => message('warning', text, rest),
  showErrorMessage: (text: string, ...rest: unknown[]) => message('error', text, rest),
  setStatusBarMessage: (text: string) => void editor.log.push(`status: ${text}`),
  async showQuickPick<T extends { readonly label: string }>(
    items: readonly T[],
    { placeHolder = '', canPickMany = false } = {},
  ) {
    editor.log.push(`pick: ${placeHolder} [${items.map(({ label }) => label).join(', ')}]`);
    const label = answer(items.map((item) => item.label));
    const picked = items.filter((item) => item.label === label);
    return canPickMany && picked.length > 0 ? picked : picked[0];
  },
  async showWorkspaceFolderPick({ placeHolder = '' } = {}) {
    editor.log.push(`pick: ${placeHolder} [${editor.folders.map(({ name }) => name).join(', ')}]`);
    const name = answer(editor.folders.map((each) => each.name));
    return editor.folders.find((each) => each.name === name);
  },
  async showOpenDialog({ title = '' } = {}) {
    editor.log.push(`dialog: ${title}`);
    const [next] = editor.answers;
    return Array.isArray(next) ? (editor.answers.shift() as Uri[]) : undefined;
  },
  withProgress<T>(
    { title = '' },
    task: (progress: { report(value: { message?: string }): void }, token: unknown) => Promise<T>,
  ): Promise<T> {
    editor.log.push(`progress: ${title}`);
    editor.progress = new CancellationTokenSource();
    const report = ({ message: text }: { message?: string }) => void editor.log.push(`progress: ${text}`);
    return task({ report }, editor.progress.token);
  },
  createStatusBarItem() {
    editor.statusBar = { show: () => undefined, dispose: () => undefined };
    return editor.statusBar;
  },
  registerFileDecorationProvider(provider: NonNullable<typeof editor.decorations>): Disposable {
    editor.decorations = provider;
    return new Disposable(() => undefined);
  },
};

export const commands = {
  async executeCommand(id: string, ...rest: unknown[]): Promise<void> {
    editor.log.push(['run:', id, ...rest.map(String)].join(' '));
    if (id === 'copyFilePath') editor.clipboard = editor.selectedPaths;
  },
};

export const env = {
  language: 'en',
  clipboard: {
    readText: async () => editor.clipboard,
    writeText: async (text: string) => void (editor.clipboard = text),
  },
};

export const l10n = {
  bundle: undefined,
  t: (text: string, ...values: (string | number)[]) =>
    text.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)])),
};
