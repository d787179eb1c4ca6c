// Runs inside a desktop VS Code's extension host, which loads its tests by require().
/* global require, exports */
/* eslint-disable @typescript-eslint/no-require-imports */
const assert = require('node:assert/strict');
const vscode = require('vscode');

/**
 * The installed extension activates, and every command that its manifest promises is registered.
 */
exports.run = async () => {
  const extension = vscode.extensions.getExtension('nferd.nferd');
  assert.ok(extension, 'nferd.nferd is not installed');
  await extension.activate();
  const registered = new Set(await vscode.commands.getCommands(true));
  const promised = extension.packageJSON.contributes.commands.map(({ command }) => command);
  assert.ok(promised.length > 0);
  assert.deepEqual(
    promised.filter((command) => !registered.has(command)),
    [],
  );
};
