import type { Explanation } from '@progeny/contract';
import type { FoldResult, JobStore, ProgressSaved } from '../job-store.ts';
import type { Snapshot } from '../snapshot.ts';
import type { ModelRecord } from './model-record.ts';

/** What there is to compare of answers: numbers and words that are the same in every store. Times and ids are not. */
export function outlineFold({ progress, changed, lifecycle, needsSweep }: FoldResult, changes: string[]) {
  const { version, status, sealed, progress_text, progress_percentage, total_children } = progress;
  const events = lifecycle.map(({ type, payload }) => `${payload.seq} ${type}`);
  return {
    ...{ version, status, sealed, progress_text, progress_percentage, total_children },
    ...{ changed, changes, events, needsSweep },
  };
}

export function outlineSaved({ outcomes, progress, steps }: ProgressSaved, { names }: ModelRecord) {
  const moved = progress.map(({ payload }) => {
    const { version, progress: percent, stage, label } = payload;
    return `${names.get(payload.job_id)}: v${version} ${percent} ${stage} "${label}"`;
  });
  const added = steps.map(({ payload }) => `${names.get(payload.job_id)}: ${payload.number}`);
  return { outcomes, moved: moved.sort(), added: added.sort() };
}

/** Everything that can be read of all jobs. */
export async function outlineAll(store: JobStore, record: ModelRecord) {
  const { parentIds, deletedIds, hiddenIds, childIds } = record;
  const all = [...parentIds, ...deletedIds, ...hiddenIds, ...childIds];
  const { snapshots } = await store.readSnapshots(all);
  const { jobs: listed } = await store.listParents({ limit: 1_000 });
  return {
    snapshots: snapshots.map((snapshot) => outlineSnapshot(snapshot, record)).sort(),
    explained: await Promise.all(
      parentIds.map(async (id) => outlineExplanation(await store.explain(id), record)),
    ),
    lines: await Promise.all(
      parentIds.map(async (id) => {
        const last = (await store.listLog(id)).lines.at(-1);
        return last && `${last.number} ${last.line.replace(/^.*\. /, '')}`;
      }),
    ),
    jobs: await Promise.all(all.map((id) => outlineJob(store, id))),
    listed: listed.map(({ job_id }) => record.names.get(job_id)).sort(),
    children: await Promise.all(parentIds.map((id) => outlineChildren(store, record, id))),
  };
}

function outlineSnapshot(snapshot: Snapshot, { names }: ModelRecord): string {
  const { seq, lifecycle, progress } = snapshot;
  const { job_id, verified_at, ...rest } = { verified_at: null, ...progress };
  const { children_per_second, eta_seconds, parent_id, ...steady } = {
    ...{ children_per_second: 0, eta_seconds: null, parent_id: null },
    ...rest,
  };
  const events = lifecycle.map(({ type, payload }) => `${payload.seq} ${type}`);
  return `${names.get(job_id)}: ${JSON.stringify({ seq, events, ...steady })}`;
}

async function outlineChildren(store: JobStore, { names }: ModelRecord, parentId: string) {
  const { children } = await store.listChildren(parentId, { limit: 1_000 });
  return children
    .map((child) => {
      const { job_id, is_parent, status, attempt, progress_percentage, progress_stage, progress_label } =
        child;
      const shown = { is_parent, status, attempt, progress_percentage, progress_stage, progress_label };
      return `${names.get(job_id)}: ${JSON.stringify(shown)}`;
    })
    .sort();
}

async function outlineJob(store: JobStore, jobId: string) {
  const job = await store.getJob(jobId);
  if (!job) return null;
  const { version, status, run, error } = job;
  const own = 'attempt' in job ? { attempt: job.attempt, result: job.result } : {};
  return {
    ...{ version, status, run, error: error?.error_code, ...own },
    ...{ started: job.started_at !== null, finished: job.finished_at !== null },
  };
}

const outlineExplanation = (
  { reasons, open_children, unfolded_changes, sealed_at, seal_expires_at, stop_reason }: Explanation,
  record: ModelRecord,
) => ({
  reasons: reasons.map(({ code }) => code),
  open: open_children
    .map((child) => `${record.names.get(child.job_id)} ${child.status} ${child.attempt} ${child.is_parent}`)
    .sort(),
  unfolded: unfolded_changes.count,
  sealed: sealed_at !== null,
  mayExpire: seal_expires_at !== null,
  stop_reason,
});
