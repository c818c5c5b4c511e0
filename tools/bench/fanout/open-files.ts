import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process may not open as many sockets as the benchmark needs. */
export class OpenFilesError extends Error {
  readonly code = 'open_files_limit';

  constructor(needed: number, may: number) {
    super(
      `a process needs ${needed} open files and may have ${may}. Run the benchmark as root, raise the limit ` +
        `before ("ulimit -Hn ${needed}"), or ask for fewer with --connections`,
    );
  }
}

/**
 * Sees to it that a process may have so many files open: what it lacks is raised with `prlimit`, which takes root.
 * Throws OpenFilesError. Where there is no /proc the system's own message has to do.
 */
export function allowOpenFiles(pid: number, needed: number): void {
  const may = limitOf(pid);
  if (may >= needed) return;
  spawnSync('prlimit', [`--pid=${pid}`, `--nofile=${needed}:${needed}`]);
  if (limitOf(pid) < needed) throw new OpenFilesError(needed, may);
}

/** Node.js raises its own to the hard one when it starts. */
function limitOf(pid: number): number {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
    return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
