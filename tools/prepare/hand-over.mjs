/** How the commands of package.json begin: plain Node.js that installs what is missing, then runs their program. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs a program of the workspace with the arguments that this process was given, and ends as it ends. `generates`: it
 * bundles services itself, and of what Nx builds needs the generated client of the database alone.
 */
export function handOver(program, { generates = false } = {}) {
  prepare(root);
  if (generates) generate();
  spawn(process.execPath, ['--import', 'tsx', program, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  }).on('exit', (code) => process.exit(code ?? 1));
}

function generate() {
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
}
