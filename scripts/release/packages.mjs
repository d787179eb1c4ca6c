/** The packages of a release: whether they are all there, and what each says of itself. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { entriesOf } from '../binaries.mjs';

/** What a package's own manifest says. */
export function identityOf(file) {
  const manifest = entriesOf(file).find(({ name }) => name === 'extension.vsixmanifest');
  if (!manifest) throw new Error(`${file}: not an extension (extension.vsixmanifest is missing)`);
  const text = manifest.read().toString('utf8');
  const attribute = (name) => new RegExp(`<Identity [^>]*\\b${name}="([^"]*)"`).exec(text)?.[1];
  return {
    id: `${attribute('Publisher')}.${attribute('Id')}`,
    version: attribute('Version'),
    target: attribute('TargetPlatform'),
    preRelease: /Id="Microsoft\.VisualStudio\.Code\.PreRelease" Value="true"/.test(text),
  };
}

/**
 * One package for each platform.
 * @param identity reads a package (identityOf)
 * @throws Error with a line for each package that is missing or is not what it should be
 */
export function packagesIn(folder, { name, publisher, version }, { targets, preRelease }, identity = identityOf) {
  const wanted = targets.map((target) => [target, path.join(folder, `${name}-${target}-${version}.vsix`)]);
  const faults = wanted.flatMap(([target, file]) => {
    if (!existsSync(file))
      return [`${file}: missing. Run "npm run package -- --all${preRelease ? ' --pre-release' : ''}".`];
    const expected = { id: `${publisher}.${name}`, version, target, preRelease };
    const found = identity(file);
    const other = Object.keys(expected).filter((key) => found[key] !== expected[key]);
    return other.map((key) => `${file}: its ${key} is ${found[key]}, not ${expected[key]}.`);
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return wanted.map(([, file]) => file);
}
