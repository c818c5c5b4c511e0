import { readFileSync, writeFileSync } from 'node:fs';
import { documents } from './documents.ts';
import { fillTables } from './fill-tables.ts';
import { generatedTables } from './generated-tables.ts';

for (const path of documents()) {
  const before = readFileSync(path, 'utf8');
  const after = await fillTables(before, generatedTables);
  if (after === before) continue;
  writeFileSync(path, after);
  console.log(`wrote the tables of ${path}`);
}
