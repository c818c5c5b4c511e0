/** `npm run soak`. Plain Node.js, like `npm start`: installs what is missing, then hands over. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
prepare(root);
spawn(process.execPath, ['--import', 'tsx', 'tools/soak/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
}).on('exit', (code) => process.exit(code ?? 1));
