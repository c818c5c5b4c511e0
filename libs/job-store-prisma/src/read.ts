import {
  type ChildList,
  type ChildStatus,
  type ChildView,
  childStatusSchema,
  childViewSchema,
  type JobList,
  type JobStatus,
  type JobView,
  jobStatusSchema,
  type ParentView,
  parentViewSchema,
} from '@progeny/contract';
import { childStatusOf, shownProgress, statusesIn, toParentJobProgress } from '@progeny/core';
import type { JobStore, ListOptions, OwnedProgress, Owner } from '@progeny/job-store';
import { NIL } from 'uuid';
import type { Database, Query } from './database.ts';
import type { Prisma } from './generated/client.ts';
import { IS_SEEN, requireParent } from './lock-parents.ts';
import { toParentState } from './progress-row.ts';

const PARENT_PARTS = { parentJob: true, progress: true } as const;
type JobRow = Prisma.JobGetPayload<{ include: typeof PARENT_PARTS }>;

export async function getJob(
  { read, query }: Pick<Database, 'read' | 'query'>,
  jobId: string,
): Promise<JobView | null> {
  const [seen] = await query(`SELECT FROM job j WHERE id = $1 AND ${IS_SEEN}`, [jobId]);
  const row =
    seen && (await read((client) => client.job.findUnique({ where: { id: jobId }, include: PARENT_PARTS })));
  if (!row) return null;
  return row.isParent ? toParentView(row) : toChildView(row);
}

export async function findOwners(query: Query, jobIds: readonly string[]): Promise<Map<string, Owner>> {
  const rows = await query<Owner & { id: string }>(
    `SELECT id, tenant_id AS "tenantId", user_id AS "userId" FROM job j WHERE id = ANY($1::uuid[]) AND ${IS_SEEN}`,
    [jobIds],
  );
  return new Map(rows.map(({ id, tenantId, userId }) => [id, { tenantId, userId }]));
}

export async function listParents(
  { read, query }: Pick<Database, 'read' | 'query'>,
  { limit, cursor, status, owner }: Parameters<JobStore['listParents']>[0],
): Promise<JobList> {
  const values: unknown[] = [limit + 1];
  const value = (of: unknown) => `$${values.push(of)}`;
  const conditions = [
    'j.parent_id IS NULL',
    IS_SEEN,
    ...(owner ? [`j.tenant_id = ${value(owner.tenantId)}`] : []),
    ...(owner?.userId === undefined ? [] : [`j.user_id = ${value(owner.userId)}`]),
    ...(cursor ? [`j.id < ${value(cursor)}`] : []),
    ...(status ? [`j.status = ${value(status)}`] : []),
  ];
  const next = await query<{ id: string }>(
    `SELECT j.id FROM job j WHERE ${conditions.join(' AND ')} ORDER BY j.id DESC LIMIT $1`,
    values,
  );
  const rows = await read((client) =>
    client.job.findMany({
      where: { id: { in: next.map(({ id }) => id) } },
      include: PARENT_PARTS,
      orderBy: { id: 'desc' },
    }),
  );
  return { jobs: rows.slice(0, limit).map(toParentView), next_cursor: cursorAfter(rows, limit) };
}

export async function listChildren(
  { read, query }: Pick<Database, 'read' | 'query'>,
  parentId: string,
  { limit, cursor, status }: ListOptions & { status?: ChildStatus },
): Promise<ChildList> {
  await requireParent(query, parentId);
  const take = limit + 1;
  const statuses = status ? statusesIn(status) : jobStatusSchema.options;
  const next = await nextChildren(query, parentId, { statuses, limit: take, cursor });
  const rows = await read((client) =>
    client.job.findMany({ where: { id: { in: next } }, include: PARENT_PARTS, orderBy: { id: 'asc' } }),
  );
  return { children: rows.slice(0, limit).map(toChildView), next_cursor: cursorAfter(rows, limit) };
}

/** In the order of ids, from the first few of each status: the index has them in this order status by status. */
async function nextChildren(
  query: Query,
  parentId: string,
  { statuses, limit, cursor = NIL }: { statuses: JobStatus[]; limit: number; cursor?: string | undefined },
): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT c.id FROM unnest($2::text[]) AS s (status), LATERAL (
       SELECT id FROM job WHERE parent_id = $1 AND status = s.status AND id > $3 ORDER BY id LIMIT $4
     ) AS c ORDER BY c.id LIMIT $4`,
    [parentId, statuses, cursor, limit],
  );
  return rows.map(({ id }) => id);
}

export async function getProgress(
  { read }: Pick<Database, 'read'>,
  parentIds: readonly string[],
): Promise<OwnedProgress[]> {
  const rows = await read((client) =>
    client.parentProgress.findMany({
      where: { jobId: { in: [...parentIds] }, job: { parentJob: { is: { deletedAt: null } } } },
      include: { job: { select: { tenantId: true, userId: true, parentId: true } } },
    }),
  );
  return rows.map((row) => ({
    tenantId: row.job.tenantId,
    userId: row.job.userId,
    progress: toParentJobProgress(toParentState({ ...row, parentId: row.job.parentId })),
  }));
}

const cursorAfter = (rows: readonly { id: string }[], limit: number): string | null =>
  rows.length > limit ? (rows[limit - 1]?.id ?? null) : null;

const toJobBase = (row: Prisma.JobGetPayload<object>) => ({
  job_id: row.id,
  parent_id: row.parentId,
  type: row.type,
  status: row.status,
  run: row.run,
  version: row.version,
  created_at: row.createdAt.toISOString(),
  started_at: row.startedAt?.toISOString() ?? null,
  finished_at: row.finishedAt?.toISOString() ?? null,
  updated_at: row.updatedAt.toISOString(),
});

/** Of a nested parent how far its children are, in the words of its own progress. */
const toShownProgress = (row: JobRow) => {
  const own = toProgress(row);
  if (own) {
    return {
      progress_percentage: own.progress_percentage,
      progress_stage: own.status,
      progress_label: own.progress_text,
    };
  }
  const { progress, stage, label } = shownProgress(childStatusSchema.parse(row.status), {
    progress: row.progressPercentage,
    stage: row.progressStage,
    label: row.progressLabel,
  });
  return { progress_percentage: progress, progress_stage: stage, progress_label: label };
};

const toProgress = ({ progress, parentId }: JobRow) =>
  progress && toParentJobProgress(toParentState({ ...progress, parentId }));

const toChildView = (row: JobRow): ChildView =>
  childViewSchema.parse({
    ...toJobBase(row),
    key: row.key,
    is_parent: row.isParent,
    status: childStatusOf(jobStatusSchema.parse(row.status)),
    attempt: row.attempt,
    ...toShownProgress(row),
    payload: row.payload,
    result: row.result,
    error: row.error,
  });

const toParentView = (row: JobRow): ParentView =>
  parentViewSchema.parse({
    ...toJobBase(row),
    key: row.key,
    name: row.parentJob?.name,
    error: row.error,
    spec: row.parentJob?.spec,
    progress: toProgress(row),
  });
