import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type Frame, type Page } from 'playwright-core';
import { openMenuItem } from './explorer.ts';
import { runCommand } from './palette.ts';
import { paths, requireHost } from './paths.ts';
import { installVsix, startServer, type Server } from './server.ts';
import { editSettings } from './settings.ts';
import { patience, until } from './until.ts';

export interface VsCodeOptions {
  /** Opened as the workspace: a folder, or a .code-workspace file. */
  readonly folder: string;
  /** The packaged extension to install. */
  readonly vsix: string;
  /** Added to the user's settings.json before the start. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** Subfolder of test/e2e/artifacts for this run's screenshots and logs. Default: `vscode`. */
  readonly name?: string;
}

export interface VsCode {
  readonly page: Page;
  /**
   * The user's settings.json: to read. A workspace's .vscode/settings.json is followed when a test
   * writes it.
   */
  readonly settingsFile: string;
  /** Changes settings.json in an editor, as by hand; `undefined` removes a setting. */
  editSettings(changes: Readonly<Record<string, unknown>>): Promise<void>;
  /** The visible webview whose document holds `selector`, as soon as there is one. */
  frameWith(selector: string, timeoutMs?: number): Promise<Frame>;
  /**
   * Right-clicks an Explorer row (a path below the workspace folder, as `good/001.png`) and chooses
   * `item`, again and again until the menu offers it: the extension host starts after the Explorer.
   * Several rows are selected together.
   */
  openContextMenu(rowName: string | readonly string[], item: string): Promise<void>;
  /** Runs a command by its title in the palette, `NFERD: Doctor`, as soon as it is offered. */
  runCommand(title: string): Promise<void>;
  /**
   * Writes artifacts/<name>/<shot>.png and returns its path. A failed wait leaves `failure.png` by
   * itself.
   */
  screenshot(shot: string): Promise<string>;
  /** Loads the window anew, as *Reload Window* does. */
  reload(): Promise<void>;
  /** A second window on the same workspace; it goes with this one. */
  anotherWindow(): Promise<VsCode>;
  /** Ends browser and server, keeps their logs in artifacts/<name>/logs, deletes the rest. */
  dispose(): Promise<void>;
}

const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': 'off',
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'explorer.compactFolders': false,
  'workbench.tree.enableStickyScroll': false,
};

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/**
 * Starts a VS Code with a packaged extension in it, its workbench on screen. Ends all it started if
 * that fails.
 */
export async function startVsCode(options: VsCodeOptions): Promise<VsCode> {
  requireHost();
  const root = await mkdtemp(path.join(tmpdir(), 'nferd-e2e-'));
  const folders = { userData: path.join(root, 'user'), extensions: path.join(root, 'extensions') };
  const settingsFile = path.join(folders.userData, 'User/settings.json');
  const artifacts = path.join(paths.artifacts, options.name ?? 'vscode');
  const logs = path.join(artifacts, 'logs');
  let server: Server | undefined;
  let browser: Browser | undefined;

  const dispose = async (): Promise<void> => {
    await Promise.allSettled([browser?.close(), server?.stop()]);
    await cp(path.join(folders.userData, 'logs'), logs, { recursive: true }).catch(() => undefined);
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    await rm(artifacts, { recursive: true, force: true });
    await mkdir(logs, { recursive: true });
    await mkdir(path.dirname(settingsFile), { recursive: true });
    await writeFile(settingsFile, JSON.stringify({ ...quietSettings, ...options.settings }, undefined, 2));

    const serverOptions = { ...folders, ...(options.env && { env: options.env }) };
    await installVsix(options.vsix, serverOptions);
    server = await startServer(serverOptions, path.join(logs, 'server.log'));
    browser = await chromium.launch({ executablePath: paths.chromium, args: browserFlags });
    const kind = options.folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
    const url = `${server.url}?${kind}=${encodeURIComponent(path.resolve(options.folder))}`;
    return await openWindow(await newContext(browser), { url, artifacts, settingsFile, dispose });
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Window {
  readonly url: string;
  readonly artifacts: string;
  readonly settingsFile: string;
  readonly dispose: () => Promise<void>;
}

async function openWindow(context: BrowserContext, window: Window, name = 'browser'): Promise<VsCode> {
  const { url, artifacts, settingsFile, dispose } = window;
  const page = await openPage(context, path.join(artifacts, 'logs', `${name}.log`));
  await page.goto(url);
  const explorer = () => page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
  await explorer();

  const screenshot = async (shot: string): Promise<string> => {
    const file = path.join(artifacts, `${shot}.png`);
    await page.screenshot({ path: file });
    return file;
  };
  /** Keeps a picture of what was on screen when a wait failed. */
  const pictured = async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } catch (error) {
      await screenshot('failure').catch(() => undefined);
      throw error;
    }
  };
  return {
    page,
    settingsFile,
    dispose,
    screenshot,
    frameWith: (selector, timeoutMs) =>
      pictured(until(`a webview with ${selector}`, () => visibleFrameWith(page, selector), timeoutMs)),
    openContextMenu: (rowName, item) => pictured(openMenuItem(page, [rowName].flat(), item)),
    editSettings: (changes) => pictured(editSettings(page, settingsFile, changes)),
    runCommand: (title) => pictured(runCommand(page, title)),
    reload: async () => {
      await page.reload();
      await explorer();
    },
    anotherWindow: () => openWindow(context, window, 'browser-2'),
  };
}

/** What VS Code keeps in the browser, such as whom the user trusts, its windows share. */
const newContext = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });

async function openPage(context: BrowserContext, logFile: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(patience(60_000));
  const log = createWriteStream(logFile);
  page.on('console', (message) => log.write(`${message.type()}: ${message.text()}\n`));
  page.on('pageerror', (error) => log.write(`uncaught: ${error.stack ?? error.message}\n`));
  page.on('close', () => log.end());
  return page;
}

/**
 * Webviews that an editor tab covers stay in the document: only a frame that is on screen counts.
 */
async function visibleFrameWith(page: Page, selector: string): Promise<Frame | undefined> {
  for (const frame of page.frames()) {
    if (frame === page.mainFrame()) continue;
    // A frame may go away while it is asked.
    if (await holdsVisibly(frame, selector).catch(() => false)) return frame;
  }
  return undefined;
}

async function holdsVisibly(frame: Frame, selector: string): Promise<boolean> {
  if (!(await frame.locator(selector).first().isVisible())) return false;
  for (let inner: Frame | null = frame; inner?.parentFrame(); inner = inner.parentFrame()) {
    const element = await inner.frameElement();
    if (!(await element.isVisible())) return false;
  }
  return true;
}
