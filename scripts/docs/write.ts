/** `npm run docs`: makes the generated parts of the documents anew (blocks.ts). */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { documents, madeAnew, root, textOf } from './documents.ts';

for (const document of documents) {
  const made = await madeAnew(document);
  if (made === textOf(document)) continue;
  writeFileSync(path.join(root, document), made);
  console.log(document);
}
