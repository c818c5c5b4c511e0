import { startWorkerProcess } from '../measure/worker-process.ts';

export interface Work {
  jobType: string;
  /** How many to do; it ends earlier when no more can be claimed. */
  children: number;
  /** Children that one request claims or reports. */
  batch: number;
  /** Claim and report loops side by side. */
  loops: number;
}

export interface Worked {
  /** When the first claim was sent, in milliseconds of the clock. */
  startedMs: number;
  /** How many had been completed when each report was answered. */
  reports: { atMs: number; completed: number }[];
}

export interface BenchWorker {
  pid: number;
  work(work: Work): Promise<Worked>;
  stop(): Promise<void>;
}

/** Our worker of the pipeline, as a process. */
export async function startBenchWorker(natsUrl: string): Promise<BenchWorker> {
  const worker = await startWorkerProcess<Work>('pipeline/worker-main.ts', { natsUrl });
  return {
    pid: worker.pid,
    work: async (work) => (await worker.ask(work)) as Worked,
    stop: () => worker.stop(),
  };
}
