import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';

/** A worker of a benchmark: a process of its own that does what it is told over the channel between us. */
export interface WorkerProcess<Command> {
  pid: number;
  /** Sends a command, and resolves with its answer. Rejects when it failed, or the worker ends before. */
  ask(command: Command): Promise<unknown>;
  stop(): Promise<void>;
}

type Message = { answer: unknown } | { error: string };

/** Runs a file of this folder's parent; resolves when it is ready. It ends with us: the channel closes. */
export async function startWorkerProcess<Command extends object>(
  script: string,
  settings: object,
): Promise<WorkerProcess<Command>> {
  const child = fork(path.join(workspaceRoot(), 'tools/bench', script), [JSON.stringify(settings)], {
    execArgv: ['--enable-source-maps', '--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const gone = once(child, 'exit');
  const ended = gone.then(([code, signal]) => {
    throw new Error(`${script} ended (${signal ?? `exit code ${code}`})`);
  });
  ended.catch(() => {}); // told to whoever waits for an answer
  const next = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [Message];
    if ('error' in message) throw new Error(`${script}: ${message.error}`);
    return message.answer;
  };
  await next();
  return {
    pid: child.pid ?? -1,
    ask(command) {
      const answer = next();
      child.send(command);
      return answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
