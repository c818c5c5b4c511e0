import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServiceSpec {
  name: string;
  /** The program, and how Node.js is to run it. */
  script: string;
  execArgv?: readonly string[];
  env: NodeJS.ProcessEnv;
  /** All answer 200 when the service works. */
  readyUrls: readonly string[];
  logFile: string;
}

export interface ServiceEvents {
  /** Something that the user should see. */
  onNotice(text: string): void;
  onPid(pid: number): void;
}

export interface ServiceProcess {
  readonly name: string;
  /** Resolves when the service works. Rejects with ServiceFault when it ends before. */
  start(): Promise<void>;
  /** SIGTERM, SIGKILL when that has not ended it. Resolves when the process is gone. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL, and no more restarts. */
  kill(): void;
}

export class ServiceFault extends Error {
  readonly code = 'service_failed';

  constructor(
    name: string,
    { how, lastWords, logFile }: { how: string; lastWords: string; logFile: string },
  ) {
    super(`${name} did not start (${how}): ${lastWords}\nIts log: ${logFile}`);
    this.name = 'ServiceFault';
  }
}

const READY_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 50;
/** Longer than the time a service gives itself. */
const STOP_TIMEOUT_MS = 12_000;
const RESTART_FIRST_MS = 500;
const RESTART_MAX_MS = 10_000;
/** Up for this long, a service that ends starts the backoff afresh. */
const STABLE_AFTER_MS = 60_000;

/**
 * One service as a process. Modes: starting (until it answers), up, waiting (it ended by itself; a restart follows,
 * later each time), stopped (for good). The channel between us tells the service when we are gone.
 */
export function createServiceProcess(spec: ServiceSpec, events: ServiceEvents): ServiceProcess {
  const { name } = spec;
  let child: ChildProcess | undefined;
  let gone: Promise<void> = Promise.resolve();
  let stopped = false;
  let wasUp = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let neverRan: string | undefined;

  const launch = (): ChildProcess => {
    const log = openSync(spec.logFile, 'a');
    const launched = fork(spec.script, {
      env: spec.env,
      execArgv: [...(spec.execArgv ?? ['--enable-source-maps'])],
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    const startedMs = Date.now();
    gone = new Promise((resolve) => {
      const ended = (how: string) => {
        resolve();
        if (stopped || !wasUp) return;
        failures = Date.now() - startedMs > STABLE_AFTER_MS ? 1 : failures + 1;
        restartLater(how);
      };
      launched.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
      launched.once('error', (error) => {
        if (launched.pid !== undefined) return;
        // Without a process there is no exit: the machine had none to give.
        neverRan = error.message;
        ended(error.message);
      });
    });
    if (launched.pid !== undefined) events.onPid(launched.pid);
    child = launched;
    return launched;
  };

  const restartLater = (how: string): void => {
    const waitMs = Math.min(RESTART_FIRST_MS * 2 ** (failures - 1), RESTART_MAX_MS);
    events.onNotice(`${name} ended (${how}); starting it again in ${waitMs / 1000} s`);
    timer = setTimeout(() => {
      const launched = launch();
      void isReady(launched, spec.readyUrls).then((ready) => {
        if (ready && !stopped) events.onNotice(`${name} works again`);
      });
    }, waitMs);
  };

  return {
    name,
    async start() {
      const launched = launch();
      wasUp = await isReady(launched, spec.readyUrls);
      if (wasUp || stopped) return;
      const how = howItEnded(launched) ?? neverRan ?? `it did not answer for ${READY_TIMEOUT_MS / 1000} s`;
      launched.kill('SIGKILL');
      await gone;
      throw new ServiceFault(name, { how, lastWords: lastWords(spec.logFile), logFile: spec.logFile });
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      child?.kill('SIGTERM');
      const force = setTimeout(() => child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await gone;
      clearTimeout(force);
    },
    kill() {
      stopped = true;
      clearTimeout(timer);
      child?.kill('SIGKILL');
    },
  };
}

async function isReady(child: ChildProcess, urls: readonly string[]): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const isUp = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  for (const url of urls) {
    while (isUp() && Date.now() < deadline && !(await answers(url))) {
      await delay(LOOK_EVERY_MS); // a service only tells that it is ready when it is asked
    }
  }
  return isUp() && Date.now() < deadline;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

const howItEnded = ({ exitCode, signalCode }: ChildProcess): string | null =>
  signalCode ?? (exitCode === null ? null : `exit code ${exitCode}`);

/** The message of the last line of a log, JSON or not. */
function lastWords(logFile: string): string {
  const line = readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? '';
  try {
    const { msg, err } = JSON.parse(line);
    return err?.message ? `${msg}: ${err.message}` : msg;
  } catch {
    return line || 'it said nothing';
  }
}
