import { type BenchStack, startBenchStack } from '../bench-stack.ts';
import { quantileBetween, readMetrics, sampleOf } from '../measure/prometheus.ts';
import { addFamily } from '../pipeline/add-children.ts';
import { median, percentile } from '../statistics.ts';
import { createCommandApi } from './command-api.ts';
import { checkCancelled, untilGone } from './command-ledger.ts';
import { cancelText } from './print-commands.ts';
import { openStateViewer, type StateViewer } from './state-viewer.ts';

/** What a cancel came to, in milliseconds since it was sent. */
export interface CancelTimes {
  answerMs: number;
  /** The viewer saw no child running any more. */
  nothingRunsMs: number;
  /** The viewer saw `cancelled`. */
  endedMs: number;
  childrenPerSecond: number;
}

export interface CommandsResult {
  children: number;
  /** Of them, when the cancel came. */
  running: number;
  cancel: CancelTimes;
  /** The same with a manager that is killed as soon as it has answered. */
  abandoned: CancelTimes;
  /** From the POST of a parent with one child until the viewer has seen its end. */
  beside: { alone: Times; whileCancelling: Times; foldLagP99Seconds: number | null };
  retry: { children: number; answerMs: number; allPendingMs: number };
  remove: { answerMs: number; goneMs: number; childrenPerSecond: number };
}
interface Times {
  p50Ms: number;
  maxMs: number;
  jobs: number;
}

const RUNNING = 500;
/** Small jobs that are timed while nothing else happens. */
const ALONE = 20;

/** Commands to a parent of `children`. Rejects when a count is wrong or had drifted. */
export async function measureCommands(
  children: number,
  log: (text: string) => void,
): Promise<CommandsResult> {
  const stack = await startBenchStack();
  try {
    return await run(stack, { children, log });
  } finally {
    await stack.stop();
  }
}

async function run(
  stack: BenchStack,
  { children, log }: { children: number; log: (text: string) => void },
): Promise<CommandsResult> {
  const api = createCommandApi(stack.apiUrl);
  const viewer = await openStateViewer(stack.gatewayUrl);
  const running = Math.min(RUNNING, Math.ceil(children / 4));
  /** A parent some of whose children run, as a viewer sees it. */
  const busyParent = async (jobType: string) => {
    const { jobIds } = await addFamily(stack.apiUrl, { jobType, parents: 1, childrenEach: children });
    const [jobId] = jobIds;
    if (jobId === undefined) throw new Error('there is one parent');
    await api.claim(jobType, running);
    await viewer.until(jobId, (progress) => progress.running_children === running);
    return jobId;
  };

  log(`a cancel of ${children} children`);
  const alone = await timesOf(ALONE, () => oneJob(api, viewer));
  const first = await busyParent('cancelled');
  const before = await readMetrics(stack.executorUrl);
  const cancelling = cancel({ api, viewer, jobId: first, children });
  const whileCancelling = await timesUntil(cancelling, () => oneJob(api, viewer));
  const after = await readMetrics(stack.executorUrl);
  const cancelled = await cancelling;
  await checkCancelled(stack.databaseUrl, { jobId: first, children });
  log(cancelText('cancel', cancelled));

  log('the same, and its manager is killed');
  const second = await busyParent('abandoned');
  const abandoned = await cancel({
    api,
    viewer,
    jobId: second,
    children,
    onAnswer: () => process.kill(stack.pids.manager ?? -1, 'SIGKILL'),
  });
  await checkCancelled(stack.databaseUrl, { jobId: second, children });
  log(cancelText('cancel whose manager is killed', abandoned));

  await api.untilReady();
  log('a retry of what failed, and a delete');
  const retry = await retryFailed({ api, viewer, stack, children: Math.ceil(children / 10) });
  const remove = await deleteJob({ api, stack, jobId: first, children });

  viewer.close();
  const drift = sampleOf(await readMetrics(stack.executorUrl), 'progress_drift_total');
  if (drift !== 0) throw new Error(`an audit had to correct ${drift} parents`);
  return {
    children,
    running,
    cancel: cancelled,
    abandoned,
    beside: {
      alone,
      whileCancelling,
      foldLagP99Seconds: quantileBetween({ before, after }, { histogram: 'fold_lag_seconds', share: 0.99 }),
    },
    retry,
    remove,
  };
}

type Api = ReturnType<typeof createCommandApi>;

interface Cancel {
  api: Api;
  viewer: StateViewer;
  jobId: string;
  children: number;
  onAnswer?: () => void;
}

async function cancel({ api, viewer, jobId, children, onAnswer }: Cancel): Promise<CancelTimes> {
  const startMs = Date.now();
  const nothingRuns = viewer.until(jobId, (progress) => progress.running_children === 0);
  const ended = viewer.until(jobId, (progress) => progress.status === 'cancelled');
  await api.command(jobId, 'cancel');
  const answerMs = Date.now() - startMs;
  onAnswer?.();
  const [nothingRunsAtMs, endedAtMs] = await Promise.all([nothingRuns, ended]);
  return {
    answerMs,
    nothingRunsMs: nothingRunsAtMs - startMs,
    endedMs: endedAtMs - startMs,
    childrenPerSecond: Math.round((children * 1000) / (endedAtMs - startMs)),
  };
}

async function oneJob(api: Api, viewer: StateViewer): Promise<number> {
  const startMs = Date.now();
  const jobId = await api.createOne('beside');
  await api.completeOne('beside');
  return (await viewer.until(jobId, (progress) => progress.status === 'completed')) - startMs;
}

async function timesOf(jobs: number, measure: () => Promise<number>): Promise<Times> {
  const times: number[] = [];
  while (times.length < jobs) times.push(await measure());
  return summarize(times);
}

async function timesUntil(end: Promise<unknown>, measure: () => Promise<number>): Promise<Times> {
  const times: number[] = [];
  let isOver = false;
  void end
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  do times.push(await measure());
  while (!isOver);
  return summarize(times);
}

const summarize = (times: readonly number[]): Times => ({
  p50Ms: median(times),
  maxMs: percentile(times, 1),
  jobs: times.length,
});

async function retryFailed({
  api,
  viewer,
  stack,
  children,
}: {
  api: Api;
  viewer: StateViewer;
  stack: BenchStack;
  children: number;
}): Promise<CommandsResult['retry']> {
  const { jobIds } = await addFamily(stack.apiUrl, {
    jobType: 'retried',
    parents: 1,
    childrenEach: children,
  });
  const [jobId = ''] = jobIds;
  await api.failAll('retried');
  await viewer.until(jobId, (progress) => progress.status === 'failed');
  const startMs = Date.now();
  const allPending = viewer.until(jobId, (progress) => progress.pending_children === children);
  await api.command(jobId, 'retry-failed');
  const answerMs = Date.now() - startMs;
  return { children, answerMs, allPendingMs: (await allPending) - startMs };
}

async function deleteJob({
  api,
  stack,
  jobId,
  children,
}: {
  api: Api;
  stack: BenchStack;
  jobId: string;
  children: number;
}): Promise<CommandsResult['remove']> {
  const startMs = Date.now();
  await api.remove(jobId);
  const answerMs = Date.now() - startMs;
  await untilGone(stack.databaseUrl, jobId);
  const goneMs = Date.now() - startMs;
  return { answerMs, goneMs, childrenPerSecond: Math.round((children * 1000) / goneMs) };
}
