import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { documents } from './documents.ts';
import { fillTables } from './fill-tables.ts';
import { generatedTables } from './generated-tables.ts';

describe.each(documents())('%s', (file) => {
  const text = readFileSync(file, 'utf8');

  test('has the tables that the code gives; if not, run `npm run docs`', async () => {
    expect(await fillTables(text, generatedTables)).toBe(text);
  });

  test('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');
    const missing = links.filter((link) => !existsSync(path.join(path.dirname(file), link)));
    expect(missing).toEqual([]);
  });
});

test('every generated table stands in some document', () => {
  const all = documents()
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const unused = Object.keys(generatedTables).filter((name) => !all.includes(`<!-- table:${name} -->`));
  expect(unused).toEqual([]);
});

test('a place with an unknown name is an error', async () => {
  const text = '<!-- table:nothing -->\n<!-- end -->';
  await expect(fillTables(text, generatedTables)).rejects.toThrow('nothing');
});
