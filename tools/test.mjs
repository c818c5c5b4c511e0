/** `npm test`. Plain Node.js without packages, since it is what installs them; the work is in tools/test/main.ts. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
prepare(root);

const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'tools/test/main.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
process.exit(status ?? 1);
