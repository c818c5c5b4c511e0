import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimedChild, ParentJobProgress } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import { createApi } from '../api.ts';
import type { BenchStack } from '../bench-stack.ts';
import { percentile } from '../statistics.ts';
import { openViewer } from '../viewer.ts';

export interface LatencyOptions {
  parents: number;
  /** Child changes per second over all parents. */
  changesPerSecond: number;
  seconds: number;
  /** Children that one request claims or reports. */
  batch: number;
}

export interface Latency {
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  changes: number;
  frames: number;
}

/** What was seen of one parent, and the children that the load has in hand. */
interface Line {
  jobType: string;
  /** When each change was committed, in order. */
  commitsMs: number[];
  frames: { counted: number; arrivedMs: number }[];
  inHand: ClaimedChild[];
  busy: Promise<void>;
}

/**
 * Milliseconds from a change's commit to the first WebSocket frame that counts it. The commit is the time that its
 * `job_status_change` bears, which the manager takes right after. A claim adds one to `running + 2 * completed` and
 * an end another, so the frame that counts the n-th change of a parent is the first where that sum is n or more.
 */
export async function measureCommitToFrame(
  stack: BenchStack,
  bus: EventBus,
  options: LatencyOptions,
): Promise<Latency> {
  const lines = await createLines(stack, options);
  const subscription = bus.subscribe({ topic: 'job_status_change' }, ({ payload, timestamp }) => {
    if (payload.parent_id === null || payload.from === null) return;
    lines.get(payload.parent_id)?.commitsMs.push(Date.parse(timestamp));
  });
  let open = lines.size;
  let allEnded: () => void;
  const ended = new Promise<void>((resolve) => {
    allEnded = resolve;
  });
  const viewer = await openViewer(stack.gatewayUrl, (progress, arrivedMs) => {
    const line = lines.get(progress.job_id);
    line?.frames.push({ counted: countedIn(progress), arrivedMs });
    if (line && progress.status === 'completed') open -= 1;
    if (open === 0) allEnded();
  });
  await bus.flush();
  await load([...lines.values()], bus, options);
  await ended;
  subscription.unsubscribe();
  viewer.close();
  return summarize([...lines.values()]);
}

const countedIn = (progress: ParentJobProgress) =>
  progress.running_children + 2 * progress.completed_children;

async function createLines(
  stack: BenchStack,
  { parents, changesPerSecond, seconds, batch }: LatencyOptions,
): Promise<Map<string, Line>> {
  const api = createApi(stack.apiUrl);
  const batchesEach = Math.ceil((changesPerSecond * seconds) / 2 / parents / batch);
  const children = Array.from({ length: batchesEach * batch }, (_, key) => ({
    key: String(key),
    payload: {},
  }));
  const run = Date.now().toString(36);
  const lines = new Map<string, Line>();
  for (let index = 0; index < parents; index += 1) {
    const jobType = `latency-${run}-${index}`;
    const job = await api.createJob({ type: 'custom', child_type: jobType, children, sealed: true });
    lines.set(job.job_id, { jobType, commitsMs: [], frames: [], inHand: [], busy: Promise.resolve() });
  }
  return lines;
}

/** Requests at a steady rate, whatever the answers take: claims and reports in turn, the parents one after another. */
async function load(lines: readonly Line[], bus: EventBus, { changesPerSecond, batch }: LatencyOptions) {
  const intervalMs = (1000 * batch) / changesPerSecond;
  const startMs = performance.now();
  const waiting = new Set(lines);
  for (let request = 0; waiting.size > 0; request += 1) {
    const aheadMs = startMs + request * intervalMs - performance.now();
    if (aheadMs > 1) await sleep(aheadMs);
    const line = lines[request % lines.length];
    if (!line || !waiting.has(line)) continue;
    line.busy = line.busy.then(async () => {
      if (!(await step(line, bus, batch))) waiting.delete(line);
    });
    // The first failure ends the load, and the wait below rejects with it.
    line.busy.catch(() => waiting.clear());
  }
  await Promise.all(lines.map((line) => line.busy));
}

/** False when the parent has no more children. */
async function step(line: Line, bus: EventBus, batch: number): Promise<boolean> {
  if (line.inHand.length === 0) {
    const { children } = await bus.request('claim', {
      worker_id: 'bench',
      job_types: [line.jobType],
      limit: batch,
    });
    line.inHand = children;
    return children.length > 0;
  }
  const reports = line.inHand.map(({ job_id, attempt }) => ({
    job_id,
    attempt,
    status: 'completed' as const,
  }));
  line.inHand = [];
  await bus.request('report', { reports });
  return true;
}

function summarize(lines: readonly Line[]): Latency {
  const latencies = lines.flatMap(({ commitsMs, frames }) => {
    let next = 0;
    return commitsMs.map((committedMs, index) => {
      while ((frames[next]?.counted ?? Number.POSITIVE_INFINITY) < index + 1) next += 1;
      return (frames[next]?.arrivedMs ?? Number.POSITIVE_INFINITY) - committedMs;
    });
  });
  return {
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    p99Ms: percentile(latencies, 0.99),
    changes: latencies.length,
    frames: lines.reduce((sum, line) => sum + line.frames.length, 0),
  };
}
