/** `npm run realtime`. Plain Node.js, like `npm start`: installs what is missing, then hands over. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
prepare(root);
// The proofs bundle the services itself; of what Nx builds it needs the generated client of the database alone.
const { status } = spawnSync(
  process.execPath,
  ['node_modules/nx/dist/bin/nx.js', 'run-many', '-t', 'generate', '--outputStyle=static'],
  {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
if (status !== 0) process.exit(1);
spawn(process.execPath, ['--import', 'tsx', 'e2e/realtime/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
}).on('exit', (code) => process.exit(code ?? 1));
