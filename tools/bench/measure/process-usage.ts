import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** What a process and its descendants have used; of ourselves, who start all the others, we alone. */
export interface ProcessUsage {
  /** In user and kernel mode, with that of descendants that have ended. */
  cpuSeconds: number;
  /** Private memory of all of them, and what they share once. */
  memoryMiB: number;
}

/** Linux counts in hundredths of a second for every program, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

/** Null where there is no /proc, or no such process. */
export function readProcessUsage(pid: number): ProcessUsage | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  const alone = pid === process.pid;
  const family = alone ? [pid] : familyOf(pid);
  const ticks = family.map((member) => readTicks(member, { withEnded: !alone }));
  const memory = family.map(readMemoryKiB);
  const most = (values: readonly number[]) => Math.max(0, ...values);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    cpuSeconds: sum(ticks) / TICKS_PER_SECOND,
    memoryMiB:
      (sum(memory.map(({ own }) => own)) +
        most(memory.map(({ shared }) => shared)) +
        most(memory.map(({ file }) => file))) /
      1024,
  };
}

function familyOf(pid: number): number[] {
  const children = readOrEmpty(`/proc/${pid}/task`, (folder) =>
    readdirSync(folder).flatMap((thread) =>
      readFileSync(`${folder}/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    ),
  );
  return [pid, ...(children ?? []).flatMap(familyOf)];
}

/** utime, stime, and cutime, cstime of the ended: fields 14 to 17; the name in field 2 may hold spaces. */
function readTicks(pid: number, { withEnded }: { withEnded: boolean }): number {
  const fields = readOrEmpty(`/proc/${pid}/stat`, (file) => {
    const text = readFileSync(file, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  });
  return (fields ?? []).slice(11, withEnded ? 15 : 13).reduce((total, ticks) => total + Number(ticks), 0);
}

function readMemoryKiB(pid: number): { own: number; file: number; shared: number } {
  const status = readOrEmpty(`/proc/${pid}/status`, (file) => readFileSync(file, 'utf8')) ?? '';
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { own: field('RssAnon'), file: field('RssFile'), shared: field('RssShmem') };
}

/** A process may end between two looks. */
function readOrEmpty<Value>(path: string, read: (path: string) => Value): Value | null {
  try {
    return read(path);
  } catch {
    return null;
  }
}
