import type { CallerStore } from '@progeny/job-store';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { startBenchServers } from '../bench-servers.ts';
import { median } from '../statistics.ts';

const TENANTS = ['acme', 'other'] as const;
const BATCH = 500;
const ADDED_AT_ONCE = 5_000;

/** Work on batches of children, as services do it and as a caller behind row-level security does. */
export interface WallResult {
  children: number;
  batch: number;
  claim: Compared;
  report: Compared;
}
interface Compared {
  /** For a batch; medians of the rounds. */
  serviceMs: number;
  callerMs: number;
  /** How much longer the caller's takes: the median of the rounds. */
  ratio: number;
}

interface Batch {
  claimMs: number;
  reportMs: number;
}

/** Batch by batch in turn, so that whatever else happens hits both. Rejects when a child was not claimed once. */
export async function measureWall({
  rounds,
  children,
}: {
  rounds: number;
  children: number;
}): Promise<WallResult> {
  const servers = await startBenchServers();
  const store = createPrismaJobStore({
    databaseUrl: servers.databaseUrl,
    poolSize: 2,
    onIdleError: () => {},
  });
  try {
    const perRound = BATCH * 2 * Math.max(1, Math.ceil(children / rounds / BATCH / 2));
    for (const tenantId of TENANTS) await fill(store, { tenantId, children: perRound * (rounds + 1) });
    const [tenantId] = TENANTS;
    const caller = store.as({ tenantId, userId: 'ann' });
    const pairs: { service: Batch; caller: Batch }[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const both = { service: { claimMs: 0, reportMs: 0 }, caller: { claimMs: 0, reportMs: 0 } };
      for (let done = 0; done < perRound; done += 2 * BATCH) {
        await workOn(store, tenantId, both.service);
        await workOn(caller, tenantId, both.caller);
      }
      // The first is for plans and pages to get warm.
      if (round > 0) pairs.push(both);
    }
    const batches = perRound / BATCH / 2;
    const compare = (of: keyof Batch): Compared => ({
      serviceMs: median(pairs.map(({ service }) => service[of] / batches)),
      callerMs: median(pairs.map((pair) => pair.caller[of] / batches)),
      ratio: median(pairs.map((pair) => pair.caller[of] / pair.service[of])),
    });
    return {
      children: perRound * rounds,
      batch: BATCH,
      claim: compare('claimMs'),
      report: compare('reportMs'),
    };
  } finally {
    await store.close();
    await servers.stop();
  }
}

async function fill(
  store: CallerStore,
  { tenantId, children }: { tenantId: string; children: number },
): Promise<void> {
  const { job } = await store.createParent({
    owner: { tenantId, userId: 'ann' },
    ...{ type: 'custom', name: tenantId, spec: {}, childType: 'task', maxChildren: null, children: [] },
    ...{ sealed: false, sealTimeoutMs: null, priority: 0, failurePolicy: 'continue' },
    ...{ deadlineMs: null, childTimeoutMs: null },
  });
  for (let from = 0; from < children; from += ADDED_AT_ONCE) {
    const length = Math.min(ADDED_AT_ONCE, children - from);
    const inputs = Array.from({ length }, (_, at) => ({ key: `${from + at}`, payload: {} }));
    await store.addChildren(job.job_id, inputs);
  }
}

async function workOn(store: CallerStore, tenantId: string, spent: Batch): Promise<void> {
  const claimed = await timed(() =>
    store.claim({ tenantId, workerId: 'w', jobTypes: ['task'], limit: BATCH, leaseMs: 60_000 }),
  );
  spent.claimMs += claimed.ms;
  const { children } = claimed.answer;
  if (children.length !== BATCH) throw new Error(`${children.length} of ${BATCH} were claimed`);
  const reported = await timed(() =>
    store.report(children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' }))),
  );
  spent.reportMs += reported.ms;
  const applied = reported.answer.answers.filter(({ outcome }) => outcome === 'applied');
  if (applied.length !== BATCH) throw new Error(`${applied.length} of ${BATCH} reports were applied`);
}

async function timed<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const fromMs = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - fromMs };
}
