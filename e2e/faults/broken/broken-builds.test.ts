import { readFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';
import { mutate } from '../stack/mutation.ts';
import { BROKEN_BUILDS } from './broken-builds.ts';

test.each(BROKEN_BUILDS.map((broken) => [broken.name, broken] as const))(
  '%s can still be made',
  (_, broken) => {
    const source = readFileSync(path.join(workspaceRoot(), broken.file), 'utf8');
    expect(mutate(source, broken)).not.toBe(source);
  },
);

test('there are at least two for each guarantee, and one of them is tried in the short form', () => {
  for (const checker of ['snapshots', 'ends', 'ledger', 'convergence']) {
    const own = BROKEN_BUILDS.filter(({ caughtBy }) => caughtBy === checker);
    expect(own.length).toBeGreaterThanOrEqual(2);
    expect(own.some(({ isShort }) => isShort)).toBe(true);
  }
});
