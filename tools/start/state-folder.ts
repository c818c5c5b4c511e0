import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandOf, endProcess, removePostgresData } from '@progeny/infra';

export interface OwnProcess {
  name: string;
  pid: number;
  /** Part of its command line: a number alone may belong to another program by now. */
  sign: string;
  /** Of a service: where it tells whether it is ready; its metrics are beside. */
  readyUrls?: readonly string[];
}

interface Run {
  pid: number;
  /** Null until the ports are known. */
  page: string | null;
  servers: OwnProcess[];
  services: OwnProcess[];
}

/** Another start owns the folder and lives. */
export class AlreadyRunningError extends Error {
  readonly code = 'already_running';

  constructor({ pid, page }: Run, folder: string) {
    super(
      `Progeny runs here already (process ${pid}), ${page ? `with the page at ${page}` : 'and is starting'}\n` +
        `Stop it there with Ctrl-C, or give this one a folder and ports of its own:\n` +
        `PROGENY_DIR=${folder}-2 npm start -- --port 5000 --gateway-port 5001`,
    );
    this.name = 'AlreadyRunningError';
  }
}

export interface StateFolder {
  path: string;
  /** A file or folder in it. */
  at(name: string): string;
  /** What runs now, for whoever has to clean up after a kill. */
  record(list: 'servers' | 'services', own: OwnProcess): void;
  /** Where the page is, for whoever starts a second time. */
  announce(page: string): void;
  clearData(): Promise<void>;
  release(): void;
}

const RUN_FILE = 'run.json';
/** Part of the command line of whoever owns a folder or a lock. */
export const SUPERVISOR_SIGN = 'tools/start/main.ts';

/** Takes the folder for this process alone, and ends what a killed run left in it. */
export async function claimStateFolder(folder: string): Promise<StateFolder> {
  mkdirSync(folder, { recursive: true });
  const runFile = path.join(folder, RUN_FILE);
  const run: Run = { pid: process.pid, page: null, servers: [], services: [] };
  for (;;) {
    try {
      writeFileSync(runFile, JSON.stringify(run), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await clearDeadRun(runFile, folder);
    }
  }
  const save = () => {
    // Whole or not at all: others read it at any moment, and after a kill it is all that is known.
    writeFileSync(`${runFile}.new`, JSON.stringify(run));
    renameSync(`${runFile}.new`, runFile);
  };
  return {
    path: folder,
    at: (name) => path.join(folder, name),
    record(list, own) {
      run[list] = [...run[list].filter(({ name }) => name !== own.name), own];
      save();
    },
    announce(page) {
      run.page = page;
      save();
    },
    async clearData() {
      await removePostgresData(path.join(folder, 'postgres'));
      for (const name of ['nats', 'logs']) rmSync(path.join(folder, name), { recursive: true, force: true });
    },
    release: () => rmSync(runFile, { force: true }),
  };
}

async function clearDeadRun(runFile: string, folder: string): Promise<void> {
  const run = readRun(runFile);
  if (run) {
    if (commandOf(run.pid)?.includes(SUPERVISOR_SIGN)) throw new AlreadyRunningError(run, folder);
    for (const { pid, sign } of [...run.services, ...run.servers]) {
      if (commandOf(pid)?.includes(sign)) await endProcess(pid, ['SIGTERM', 'SIGKILL']);
    }
  }
  rmSync(runFile, { force: true });
}

/** Null for a file that a power cut left half written. */
function readRun(runFile: string): Run | null {
  try {
    return JSON.parse(readFileSync(runFile, 'utf8'));
  } catch {
    return null;
  }
}
