/**
 * `npm start`. Plain Node.js without packages, since it is what installs them. The work is done by the supervisor,
 * tools/start/main.ts, in a session of its own: Ctrl-C reaches this process alone, which hands it on, so that
 * everything stops in order. When this process is killed the supervisor notices; when the supervisor is killed, what
 * it left is stopped here.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare/prepare.mjs';

/** npm hands a Ctrl-C on that the terminal has sent us already: within this time two are one. */
const SAME_SIGNAL_MS = 700;

const root = fileURLToPath(new URL('..', import.meta.url));
prepare(root);

const supervisor = spawn(
  process.execPath,
  ['--enable-source-maps', '--import', 'tsx', 'tools/start/main.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true },
);

let lastSignalMs = Number.NEGATIVE_INFINITY;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (performance.now() - lastSignalMs > SAME_SIGNAL_MS) supervisor.kill('SIGTERM');
    lastSignalMs = performance.now();
  });
}
if (process.platform !== 'win32') process.on('SIGWINCH', () => supervisor.kill('SIGWINCH'));

supervisor.on('exit', (code, signal) => {
  if (signal) {
    console.error(`\nThe supervisor was ended by ${signal}; stopping what it left.`);
    stopLeftovers();
  }
  process.exit(code ?? 1);
});

/** The services notice by themselves; the servers are programs of others. */
function stopLeftovers() {
  const stateFile = path.join(process.env.PROGENY_DIR ?? path.join(root, '.progeny'), 'run.json');
  try {
    const { pid, servers } = JSON.parse(readFileSync(stateFile, 'utf8'));
    if (pid !== supervisor.pid) return;
    for (const server of servers) process.kill(server.pid, 'SIGINT');
    rmSync(stateFile);
  } catch {
    // Nothing was recorded, or it is gone already.
  }
}
