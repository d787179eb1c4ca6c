import * as vscode from 'vscode';
import { targetImage } from '../../activeImage.ts';
import { debounce } from '../../debounce.ts';
import type { Detections } from '../detect/detections.ts';
import type { Detectors } from '../detectors/detectors.ts';
import type { Settings } from '../settings/settings.ts';

/** What the item says of the open image's detector. */
interface Standing {
  readonly icon: string;
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
  /** There is a detector, so that what it runs on is of interest. */
  readonly judges?: boolean;
  /** Something for the user to mend. */
  readonly wrong?: boolean;
}

const busyAfterMs = 400;
/** One request after the other is one work. */
const idleAfterMs = 100;
const tabsAfterMs = 200;

/**
 * What judges the open image, what it computes on, and whether it is at work; a click selects
 * another detector.
 */
export class StatusBar {
  readonly #item = vscode.window.createStatusBarItem('nferd.detector', vscode.StatusBarAlignment.Right, 90);
  readonly #subscriptions: vscode.Disposable[];
  readonly #detectors: Detectors;
  readonly #settings: Settings;
  #standing: Standing | undefined;
  /** What the last detection ran on, and what the settings asked for then. */
  #ran = { on: '', wanted: '' };
  #busy = false;
  #busyTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #refreshes = 0;
  /** What the item shows, as text. */
  #drawn = '';

  constructor(detectors: Detectors, detections: Detections, settings: Settings) {
    this.#detectors = detectors;
    this.#settings = settings;
    this.#item.name = vscode.l10n.t('NFERD detector');
    const refresh = () => void this.#refresh();
    /** A tab that opens tells of itself several times. */
    const soon = debounce(tabsAfterMs, refresh);
    this.#subscriptions = [
      this.#item,
      detectors.onDidChange(refresh),
      settings.onDidChange((change) => change.affectsConfiguration('nferd.executionProvider') && this.#draw()),
      detections.onDidDetect(({ image, executionProvider }) => {
        this.#ran = { on: executionProvider, wanted: this.#wanted(vscode.Uri.file(image)) };
        this.#draw();
      }),
      vscode.window.tabGroups.onDidChangeTabs(soon.call),
      vscode.window.tabGroups.onDidChangeTabGroups(soon.call),
      soon,
      new vscode.Disposable(() => [this.#busyTimer, this.#idleTimer].forEach(clearTimeout)),
    ];
  }

  /** Shows the item for the first time. */
  start(): void {
    void this.#refresh();
  }

  /**
   * Work that is done in a moment doesn't show: a flicker tells nobody anything, and VS Code would
   * draw it while the view opens.
   */
  set busy(busy: boolean) {
    clearTimeout(this.#idleTimer);
    if (busy) this.#busyTimer ??= setTimeout(() => this.#showBusy(true), busyAfterMs);
    else this.#idleTimer = setTimeout(() => this.#showBusy(false), idleAfterMs);
  }

  #showBusy(busy: boolean): void {
    if (!busy) {
      clearTimeout(this.#busyTimer);
      this.#busyTimer = undefined;
    }
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#draw();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  async #refresh(): Promise<void> {
    const refresh = ++this.#refreshes;
    const standing = await this.#find(targetImage());
    if (refresh !== this.#refreshes) return;
    this.#standing = standing;
    this.#draw();
  }

  async #find(image: vscode.Uri | undefined): Promise<Standing> {
    const { t } = vscode.l10n;
    if (!vscode.workspace.isTrusted) {
      const tooltip = t('NFERD waits: this workspace is not trusted. Click to manage its trust.');
      return { icon: 'workspace-untrusted', text: t('restricted'), tooltip, command: 'workbench.trust.manage' };
    }
    try {
      const detector = await this.#detectors.resolve(image);
      const command = detector ? 'nferd.selectDetector' : 'nferd.trainOnNormalImages';
      return detector
        ? {
            icon: 'search-fuzzy',
            text: detector.name,
            tooltip: t('Click to select another detector.'),
            command,
            judges: true,
          }
        : { icon: 'search-fuzzy', text: t('no detector'), tooltip: t('Click to train one on normal images.'), command };
    } catch (error) {
      const tooltip = (error as Error).message;
      return { icon: 'warning', text: t('detector missing'), tooltip, command: 'nferd.selectDetector', wrong: true };
    }
  }

  #draw(): void {
    if (!this.#standing) return;
    const { t } = vscode.l10n;
    const { icon, text, tooltip, command, judges = false, wrong = false } = this.#standing;
    const wanted = this.#wanted(targetImage());
    const provider = this.#ran.wanted === wanted && this.#ran.on ? this.#ran.on : wanted;
    const line = judges ? `${text} · ${provider}` : `NFERD: ${text}`;
    const about = judges ? t('NFERD: detector "{0}", execution provider {1}.', text, provider) : '';
    const shown = {
      text: `$(${this.#busy ? 'sync~spin' : icon}) ${line}`,
      tooltip: [this.#busy ? t('NFERD is at work.') : '', about, tooltip].filter(Boolean).join('\n'),
      command,
      backgroundColor: wrong ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined,
      accessibilityInformation: {
        label: `NFERD: ${text}${judges ? `, ${provider}` : ''}${this.#busy ? `, ${t('busy')}` : ''}`,
        role: 'button',
      },
    };
    // Each assignment makes VS Code draw the item.
    const drawn = JSON.stringify(shown);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    Object.assign(this.#item, shown);
    this.#item.show();
  }

  #wanted(resource: vscode.Uri | undefined): string {
    return this.#settings.read(resource).values['nferd.executionProvider'];
  }
}
