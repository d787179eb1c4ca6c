/**
 * Platforms that a package is made for: those that every native dependency has binaries for
 * (docs/dependencies.md).
 */
export const targets = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];
