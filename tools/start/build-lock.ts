import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from '@progeny/infra';
import { type Run, throwIfAborted } from './run.ts';
import { SUPERVISOR_SIGN } from './state-folder.ts';

const LOOK_EVERY_MS = 100;

/**
 * From the build until the services run, one start of a checkout at a time: Nx removes and copies a program also when
 * nothing in it has changed, and what starts at that moment finds an empty file, runs it, and ends without a word.
 */
export async function withBuildLock(
  { root, terminal, signal }: Pick<Run, 'root' | 'terminal' | 'signal'>,
  work: () => Promise<void>,
): Promise<void> {
  const file = path.join(root, '.nx/start.lock');
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!tryLock(file)) {
    if (!told) terminal.line('  Another start is at its build; waiting for it.');
    told = true;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    throwIfAborted(signal);
  }
  try {
    await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file: string): boolean {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    // A link appears with its content: nobody ever reads half a lock.
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (isLeft(file)) rmSync(file, { force: true });
    return false;
  } finally {
    rmSync(own);
  }
}

/** Whether the start that took it was killed. */
function isLeft(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // 0 is what a power cut leaves.
    return pid === 0 || !commandOf(pid)?.includes(SUPERVISOR_SIGN);
  } catch {
    return false;
  }
}
