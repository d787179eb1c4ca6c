import * as vscode from 'vscode';
import { targetImage } from '../../activeImage.ts';
import type { Detections } from '../detect/detections.ts';
import type { Detectors } from '../detectors/detectors.ts';
import type { Settings } from '../settings/settings.ts';

/** What judges the open image, what it computes on, and whether it is at work; a click selects another detector. */
export class StatusBar {
  readonly #item = vscode.window.createStatusBarItem('nferd.detector', vscode.StatusBarAlignment.Right, 90);
  readonly #subscriptions: vscode.Disposable[];
  readonly #detectors: Detectors;
  readonly #settings: Settings;
  #name = '';
  #provider = '';
  #busy = false;

  constructor(detectors: Detectors, detections: Detections, settings: Settings) {
    this.#detectors = detectors;
    this.#settings = settings;
    this.#item.name = vscode.l10n.t('NFERD detector');
    this.#item.command = 'nferd.selectDetector';
    const refresh = () => void this.#refresh();
    this.#subscriptions = [
      this.#item,
      detectors.onDidChange(refresh),
      detections.onDidDetect(({ executionProvider }) => {
        this.#provider = executionProvider;
        this.#draw();
      }),
      vscode.window.tabGroups.onDidChangeTabs(refresh),
      vscode.window.tabGroups.onDidChangeTabGroups(refresh),
    ];
    refresh();
  }

  set busy(busy: boolean) {
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#draw();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  async #refresh(): Promise<void> {
    const image = targetImage();
    const { t } = vscode.l10n;
    this.#name = await this.#detectors.resolve(image).then(
      (detector) => detector?.name ?? t('no detector'),
      () => t('detector missing'),
    );
    this.#draw();
  }

  #draw(): void {
    const { t } = vscode.l10n;
    const provider = this.#provider || this.#settings.read().values['nferd.executionProvider'];
    this.#item.text = `$(${this.#busy ? 'sync~spin' : 'search-fuzzy'}) ${this.#name} · ${provider}`;
    this.#item.tooltip = this.#busy
      ? t('NFERD is at work')
      : t('NFERD: detector "{0}", execution provider {1}. Click to select another detector.', this.#name, provider);
    this.#item.accessibilityInformation = { label: `${this.#name}, ${provider}${this.#busy ? `, ${t('busy')}` : ''}` };
    this.#item.show();
  }
}
