import { spawn } from 'node:child_process';
import path from 'node:path';

/** Builds what has changed. Says nothing unless it fails. Resolves with what Nx found already built. */
export async function build(root: string, signal: AbortSignal): Promise<{ built: number; kept: number }> {
  const nx = path.join(root, 'node_modules/nx/dist/bin/nx.js');
  const child = spawn(process.execPath, [nx, 'run-many', '-t', 'build', '--outputStyle=static'], {
    cwd: root,
    env: { ...withoutNx(process.env), NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new BuildError(output);
  const [, kept, all] = /Cache:\s+(\d+)\/(\d+) hit/.exec(output) ?? [];
  return { built: Number(all ?? 0) - Number(kept ?? 0), kept: Number(kept ?? 0) };
}

/** When a task of Nx started us, its variables are about that task. */
const withoutNx = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('NX_')));

export class BuildError extends Error {
  readonly code = 'build_failed';

  constructor(output: string) {
    super(`the build failed:\n${output.trim()}`);
    this.name = 'BuildError';
  }
}
