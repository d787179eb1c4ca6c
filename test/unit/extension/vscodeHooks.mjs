// Gives the fake editor to whoever imports `vscode`: `register()` this before importing them.
const fake = import.meta.url.replace(/[^/]*$/, 'fakeVscode.ts');

export const resolve = (specifier, context, next) =>
  specifier === 'vscode' ? { url: fake, shortCircuit: true, format: 'module' } : next(specifier, context);
