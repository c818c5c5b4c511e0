import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const STOP_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 20;

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
  if (isServerOf(folder, left.pid)) await endProcess(left.pid);
  rmSync(path.join(folder, 'postmaster.pid'), { force: true });
}

async function endProcess(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!send(pid, signal)) return;
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (!send(pid, 0)) return;
      await delay(LOOK_EVERY_MS); // it is not our child: nobody tells us of its end
    }
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function isServerOf(folder: string, pid: number): boolean {
  if (!send(pid, 0)) return false;
  try {
    const command =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return command.includes(`postgres -D ${folder} `);
  } catch {
    return false;
  }
}
