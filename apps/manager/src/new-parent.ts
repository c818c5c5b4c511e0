import { type CreateJob, PAGE_JOB_TYPE } from '@progeny/contract';
import { normalizeUrl, scopeOf } from '@progeny/core';
import type { NewParent, Owner } from '@progeny/job-store';

const SECOND_MS = 1_000;

/** A request in the ledger's terms. `sealTimeoutMs` is for jobs that name none of their own. */
export function newParent(
  owner: Owner,
  { parent_id, key, ...request }: CreateJob,
  { sealTimeoutMs }: { sealTimeoutMs: number },
): NewParent {
  const options = {
    owner,
    type: request.type,
    priority: request.priority,
    failurePolicy: request.failure_policy,
    deadlineMs: toMs(request.deadline_seconds),
    childTimeoutMs: toMs(request.child_timeout_seconds),
    ...(parent_id !== undefined && { within: { parentId: parent_id, key } }),
  };
  switch (request.type) {
    case 'crawl': {
      const seeds = [...new Set(request.seeds.map((seed) => normalizeUrl(seed) ?? seed))];
      return {
        ...options,
        name: request.name ?? scopeOf(seeds[0] ?? ''),
        spec: { ...request, seeds },
        childType: PAGE_JOB_TYPE,
        maxChildren: request.limits.max_pages,
        children: seeds.map((url) => ({ key: url, payload: { url, depth: 0 } })),
        // The seeds stand, and every further page comes in with the page it was found on.
        sealed: true,
        sealTimeoutMs: null,
      };
    }
    case 'custom': {
      const { children, ...spec } = request;
      return {
        ...options,
        name: request.name ?? request.child_type,
        spec,
        childType: request.child_type,
        maxChildren: null,
        children,
        sealed: request.sealed,
        sealTimeoutMs: toMs(request.seal_timeout_seconds) ?? sealTimeoutMs,
      };
    }
  }
}

const toMs = (seconds: number | undefined): number | null =>
  seconds === undefined ? null : seconds * SECOND_MS;
