export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
type LogLevel = (typeof logLevels)[number];

export type Log = { readonly [L in LogLevel]: (message: string) => void };

/** What the extension offers to the engine's process. */
export interface EngineHost {
  log(entry: { readonly level: LogLevel; readonly message: string }): Promise<void>;
}
