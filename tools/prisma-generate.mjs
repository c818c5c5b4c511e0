/** Writes the Prisma client of prisma/schema.prisma without a network: silent and quick unless it fails. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const inRepo = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [inRepo('node_modules/prisma/build/index.js'), 'generate', '--schema', inRepo('prisma/schema.prisma')],
  {
    cwd: inRepo('.'),
    encoding: 'utf8',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: inRepo('tools/prisma/no-schema-engine'),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  },
);
if (status !== 0) {
  process.stderr.write(`${stdout}${stderr}`);
  process.exitCode = 1;
}
