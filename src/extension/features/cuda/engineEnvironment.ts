/** The editor's settings for the network. */
export interface NetworkSettings {
  /** `http.proxy` */
  readonly proxy?: string;
  /** `http.noProxy` */
  readonly noProxy?: readonly string[];
  /** `http.proxyStrictSSL` */
  readonly strictSsl?: boolean;
  /** `http.proxySupport`; `off` means that `http.proxy` is not used. */
  readonly support?: string;
}

/**
 * What the engine is told by its environment: where CUDA's libraries and optimised models are kept,
 * and the editor's proxy where it has one of its own.
 * @param storage the extension's global storage
 */
export function engineEnvironment(
  storage: string,
  libraryPath: string,
  { proxy, noProxy = [], strictSsl = true, support }: NetworkSettings,
  join: (...parts: string[]) => string,
): Record<string, string> {
  const through = support === 'off' ? '' : (proxy ?? '');
  return {
    NFERD_CUDA_FOLDER: join(storage, 'cuda'),
    NFERD_MODEL_CACHE: join(storage, 'optimised'),
    ...(libraryPath && { NFERD_CUDA_LIBRARY_PATH: libraryPath }),
    // The lower-case names are those that win.
    ...(through && { https_proxy: through, http_proxy: through }),
    ...(noProxy.length > 0 && { no_proxy: noProxy.join(',') }),
    ...(!strictSsl && { NFERD_STRICT_SSL: '0' }),
  };
}
