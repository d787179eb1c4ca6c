// Finds every text that the extension and its views show: npm run l10n writes
// out/l10n/bundle.l10n.json for translators. A translation goes beside package.json as
// l10n/bundle.l10n.LANGUAGE.json (and package.nls.LANGUAGE.json for the manifest), which packaging
// includes.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '..');

/**
 * Function → which of its arguments is shown: `t('…')` everywhere, and what the engine calls its
 * phases.
 */
const shown = { t: 0, phase: 1 };
/** Properties whose texts are translated where they are used. */
const properties = { 'src/extension/config.ts': 'text' };

/** @returns texts, and calls of `t` whose text is not written there: `FILE: CODE` */
export function findTexts() {
  const texts = new Set();
  const elsewhere = [];
  for (const room of ['src/extension', 'src/webview', 'src/services', 'src/worker']) {
    for (const name of readdirSync(path.join(root, room), { recursive: true }).filter((each) => each.endsWith('.ts'))) {
      const file = path.posix.join(room, name.replaceAll('\\', '/'));
      collect(
        ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true),
        file,
      );
    }
  }
  return { texts: [...texts].sort(), elsewhere };

  function collect(node, file) {
    if (ts.isCallExpression(node)) {
      const name = ts.isPropertyAccessExpression(node.expression)
        ? node.expression.name.text
        : node.expression.getText();
      const at = Object.hasOwn(shown, name) ? shown[name] : undefined;
      const argument = at === undefined ? undefined : node.arguments[at];
      if (argument && !add(argument) && name === 't') elsewhere.push(`${file}: ${node.getText()}`);
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === properties[file]) add(node.initializer);
    ts.forEachChild(node, (child) => collect(child, file));
  }

  /** Both sides of a choice are texts. */
  function add(node) {
    if (ts.isStringLiteralLike(node)) return texts.add(node.text);
    if (ts.isConditionalExpression(node)) return add(node.whenTrue) && add(node.whenFalse);
    return undefined;
  }
}

/** English on both sides. */
export const bundle = () => Object.fromEntries(findTexts().texts.map((text) => [text, text]));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = path.join(root, 'out/l10n/bundle.l10n.json');
  mkdirSync(path.dirname(file), { recursive: true });
  const all = bundle();
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  console.log(`${path.relative(root, file)}  ${Object.keys(all).length} texts`);
}
