import { foldDeltas, zeroCounts } from '@progeny/core';
import { countChildren } from '../memory-audit.ts';
import { unfoldedOf } from '../memory-fold.ts';
import { createMemoryJobStore } from '../memory-job-store.ts';
import { createMemoryState } from '../memory-state.ts';
import type { JobStoreHarness } from './harness.ts';
import { strangeEvent } from './scene.ts';

/** The in-memory store with its hooks: under test itself, and the oracle for others. Its clock ticks when read. */
export async function createMemoryHarness(): Promise<JobStoreHarness> {
  const state = createMemoryState();
  let nowMs = Date.parse('2030-01-01T00:00:00Z');
  let lastId = 0;
  const store = createMemoryJobStore({
    now: () => new Date(++nowMs),
    newId: () => `01890000-0000-7000-8000-${(++lastId).toString(16).padStart(12, '0')}`,
    state,
  });
  return {
    store,
    expireLeases: async () => {
      for (const child of state.children.values()) {
        if (child.leaseExpiresAt) child.leaseExpiresAt = new Date(nowMs);
      }
    },
    passTime: async (ms) => {
      nowMs += ms;
    },
    expireSealTimeouts: async () => {
      for (const parent of state.parents.values())
        if (parent.sealTimeoutMs !== null) parent.sealTimeoutMs = 0;
    },
    makeDue: async () => {
      for (const child of state.children.values()) child.dueAt = new Date(nowMs);
    },
    corruptCounts: async (parentId, { status, by }) => {
      const parent = state.parents.get(parentId);
      if (!parent) return;
      parent.folded.counts = foldDeltas(parent.folded.counts, [{ from: null, to: status, count: by }]);
    },
    truth: async (parentId) => countChildren(state, parentId),
    unfolded: async (parentId) => {
      const parent = state.parents.get(parentId);
      return parent ? foldDeltas(zeroCounts, unfoldedOf(parent)) : zeroCounts;
    },
    prolongLifecycle: async (parentId, events) => {
      const lifecycle = state.parents.get(parentId)?.lifecycle ?? [];
      for (let added = 0; added < events; added++)
        lifecycle.push(strangeEvent(parentId, lifecycle.length + 1));
    },
    renewEpoch: async () => {
      state.ledger.epoch = crypto.randomUUID();
    },
    countTickets: async () => state.tickets.size,
    textOf: async (jobId) => state.children.get(jobId)?.text ?? null,
    close: () => store.close(),
  };
}
