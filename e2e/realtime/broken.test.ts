import { readFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';
import { mutate } from '../faults/stack/mutation.ts';
import { BROKEN_GATEWAYS } from './broken.ts';

test.each(BROKEN_GATEWAYS.map((broken) => [broken.name, broken] as const))(
  '"%s" can still be made',
  (_, broken) => {
    const source = readFileSync(path.join(workspaceRoot(), broken.file), 'utf8');
    expect(mutate(source, broken)).not.toBe(source);
  },
);
