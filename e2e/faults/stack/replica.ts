import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from './build-services.ts';

export interface ReplicaSpec {
  service: ServiceName;
  /** `manager 1` */
  name: string;
  script: string;
  env: NodeJS.ProcessEnv;
  port: number;
  logFile: string;
  /** It ended though nobody had killed it. */
  onOwnEnd(how: string): void;
}

/** One process of a service. Whenever it ends it is started again after half a second, until `end`. */
export interface Replica {
  readonly service: ServiceName;
  readonly name: string;
  /** `http://host:port` */
  readonly url: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** SIGKILL; a new process follows. */
  kill(): void;
  /** SIGTERM; a new process follows when this one has ended. */
  restart(): void;
  /** SIGSTOP, till `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Resolves when it answers that it is ready; rejects when it has not within `withinMs`. */
  ready(withinMs: number): Promise<void>;
  /** For good, at once, frozen or not. Resolves when the process is gone. */
  end(): Promise<void>;
}

const RESTART_AFTER_MS = 500;
const LOOK_EVERY_MS = 50;

export function startReplica(spec: ReplicaSpec): Replica {
  const url = `http://127.0.0.1:${spec.port}`;
  let child: ChildProcess;
  let gone: Promise<void>;
  let killed = false;
  let frozen = false;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;

  const launch = () => {
    const log = openSync(spec.logFile, 'a');
    killed = false;
    const launched = fork(spec.script, { env: spec.env, stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    child = launched;
    gone = new Promise((resolve) => {
      launched.once('exit', (code, signal) => {
        resolve();
        if (ended) return;
        if (!killed) spec.onOwnEnd(`${spec.name} ended by itself: ${signal ?? `exit code ${code}`}`);
        timer = setTimeout(launch, RESTART_AFTER_MS);
      });
    });
  };
  launch();

  return {
    service: spec.service,
    name: spec.name,
    url,
    get pid() {
      return child.pid ?? -1;
    },
    kill() {
      killed = true;
      child.kill('SIGKILL');
    },
    restart() {
      killed = true;
      child.kill('SIGTERM');
    },
    freeze() {
      frozen = child.kill('SIGSTOP');
    },
    thaw() {
      if (frozen) child.kill('SIGCONT');
      frozen = false;
    },
    async ready(withinMs) {
      const deadline = Date.now() + withinMs;
      while (!(await isReady(url))) {
        if (Date.now() > deadline) throw new Error(`${spec.name} is not ready after ${withinMs / 1000} s`);
        await delay(LOOK_EVERY_MS); // a service tells that it is ready only when it is asked
      }
    },
    async end() {
      ended = true;
      clearTimeout(timer);
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
