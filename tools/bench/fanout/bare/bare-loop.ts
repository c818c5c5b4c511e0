import { startWorkerProcess } from '../../measure/worker-process.ts';
import type { Pace } from '../evenly.ts';
import { allowOpenFiles } from '../open-files.ts';
import type { BareLoopCommand, BareLoopSettings } from './bare-loop-main.ts';

export interface BareLoop {
  pid: number;
  port: number;
  /** Sends so many updates of each job, as fast as it goes. Resolves with the last stamps, all handed to the system. */
  send(rounds: number): Promise<readonly number[]>;
  /** Sends updates of the first job at a pace. Resolves with its last stamp. */
  sendEvenly(pace: Pace): Promise<readonly number[]>;
  stop(): Promise<void>;
}

const OTHER_FILES = 200;

/** The loop that the gateway is held against, as a process. */
export async function startBareLoop(settings: BareLoopSettings, clientsMax: number): Promise<BareLoop> {
  const worker = await startWorkerProcess<BareLoopCommand>('fanout/bare/bare-loop-main.ts', settings);
  allowOpenFiles(worker.pid, clientsMax + OTHER_FILES);
  return {
    pid: worker.pid,
    port: (await worker.ask({ listen: true })) as number,
    send: async (rounds) => (await worker.ask({ rounds })) as number[],
    sendEvenly: async (pace) => (await worker.ask({ evenly: pace })) as number[],
    stop: () => worker.stop(),
  };
}
