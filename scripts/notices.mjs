// The licences of what the package carries: bundled by esbuild, or beside it as native modules.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Each inner list is a paragraph. */
const mit = [
  [
    'Permission is hereby granted, free of charge, to any person obtaining a copy of this software',
    'and associated documentation files (the "Software"), to deal in the Software without',
    'restriction, including without limitation the rights to use, copy, modify, merge, publish,',
    'distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the',
    'Software is furnished to do so, subject to the following conditions:',
  ],
  [
    'The above copyright notice and this permission notice shall be included in all copies or',
    'substantial portions of the Software.',
  ],
  [
    'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING',
    'BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND',
    'NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,',
    'DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,',
    'OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.',
  ],
]
  .map((lines) => lines.join(' '))
  .join('\n\n');

/** For packages that carry no licence file of their own. */
const texts = {
  'onnxruntime-node': `Copyright (c) Microsoft Corporation\n\n${mit}`,
  'onnxruntime-common': `Copyright (c) Microsoft Corporation\n\n${mit}`,
  '@bufbuild/protobuf':
    'Copyright 2021-2026 Buf Technologies, Inc.; Copyright 2008 Google Inc. Apache-2.0 (see LICENSE) and BSD-3-Clause.',
};

/** Of libraries inside a package whose licence file is silent about them. */
const inside = {
  '@julusian/jpeg-turbo':
    'It carries libjpeg-turbo (Copyright (C) 2009-2025 D. R. Commander; IJG, BSD-3-Clause and zlib licences). ' +
    'This software is based in part on the work of the Independent JPEG Group.',
};

/** @param folders of the packages; @returns one text */
export function notices(folders) {
  const parts = folders.map((folder) => {
    const { name, version, license, homepage } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    // libvips's package lists the licences of the libraries inside it in its README.
    const instead = ['THIRD-PARTY-NOTICES.md', 'README.md'].map((entry) => path.join(folder, entry)).find(existsSync);
    const text = file
      ? readFileSync(path.join(folder, file), 'utf8')
      : (texts[name] ?? (instead ? readFileSync(instead, 'utf8') : undefined));
    if (text === undefined) throw new Error(`${folder}: carries no licence text; add one to scripts/notices.mjs`);
    const more = inside[name] ? `\n${inside[name]}\n` : '';
    return `${name} ${version} (${license})\n${homepage ?? ''}\n\n${text.trim()}\n${more}`;
  });
  const head =
    'NFERD for VS Code carries the software below. ' +
    'libvips is a shared library, unmodified, and may be replaced by another build.\n';
  return [head, ...parts].join(`\n${'-'.repeat(100)}\n\n`);
}
