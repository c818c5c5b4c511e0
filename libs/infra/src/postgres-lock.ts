import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { commandOf, endProcess } from './process-table.ts';

/** `postmaster.pid`: who runs the cluster, where, and how far it is. Null when there is none. */
export function readPostmasterFile(folder: string): { pid: number; ready: boolean } | null {
  try {
    const lines = readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return null;
  }
}

/**
 * Clears what a killed run left: stops its server when that still runs, and removes its lock file when the number in
 * it belongs to another program by now. Only for the one who owns the folder.
 */
export async function clearLeftovers(folder: string): Promise<void> {
  const left = readPostmasterFile(folder);
  if (left === null) return;
  if (commandOf(left.pid)?.includes(`postgres -D ${folder} `)) {
    await endProcess(left.pid, ['SIGINT', 'SIGQUIT', 'SIGKILL']);
  }
  rmSync(path.join(folder, 'postmaster.pid'), { force: true });
}
