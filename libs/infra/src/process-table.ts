import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const NEXT_SIGNAL_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** The command line of a process, with spaces between the arguments; null when there is no such process. */
export function commandOf(pid: number): string | null {
  if (!send(pid, 0)) return null;
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return null;
  }
}

/** Ends a process that is not our child; the next signal follows when one has not done it in ten seconds. */
export async function endProcess(pid: number, signals: readonly NodeJS.Signals[]): Promise<void> {
  for (const signal of signals) {
    if (!send(pid, signal)) return;
    const deadline = Date.now() + NEXT_SIGNAL_MS;
    while (Date.now() < deadline) {
      if (!send(pid, 0)) return;
      await delay(LOOK_EVERY_MS); // nobody tells us of the end of another's child
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
