import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeTypeGroups } from './type-groups.ts';

test('projects with the same options are one program, whatever their order; others are their own', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'progeny-types-'));
  const options = {
    'apps/a': { lib: ['ES2023', 'DOM'], types: ['node', 'jest'] },
    'libs/b': { types: ['jest'], lib: ['ES2023'] },
    'libs/c': { types: ['jest', 'node'], lib: ['DOM', 'ES2023'] },
  };
  for (const [folder, compilerOptions] of Object.entries(options)) {
    mkdirSync(path.join(root, folder), { recursive: true });
    const config = { compilerOptions, include: ['**/*.ts'], exclude: ['dist'] };
    writeFileSync(path.join(root, folder, 'tsconfig.json'), JSON.stringify(config));
  }
  const groups = writeTypeGroups(root, Object.keys(options)).map((file) =>
    JSON.parse(readFileSync(path.join(root, file), 'utf8')),
  );
  expect(groups).toMatchObject([
    {
      extends: '../../../tsconfig.base.json',
      compilerOptions: options['apps/a'],
      include: ['../../../apps/a/**/*.ts', '../../../libs/c/**/*.ts'],
    },
    { compilerOptions: options['libs/b'], include: ['../../../libs/b/**/*.ts'] },
  ]);
  rmSync(root, { recursive: true });
});
