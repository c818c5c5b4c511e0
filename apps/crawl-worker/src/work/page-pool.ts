import { type ClaimedChild, type ClaimReply, createCrawlSchema, pagePayloadSchema } from '@progeny/contract';
import { PageError } from '../crawl/page-error.ts';
import { failedVisit, type Visit, type VisitTask } from '../crawl/visit-page.ts';
import { createHostGate } from './host-gate.ts';

export interface PagePool {
  /** Starts on what was claimed. */
  take(claimed: ClaimReply): void;
  /** What is in hand: waiting for its host, or being fetched. */
  readonly children: readonly ClaimedChild[];
  /** Stops working on children whose claim is gone, without a report. */
  abandon(jobIds: readonly string[]): void;
  /** Resolves when nothing is in hand. After `drainMs`, what is left is reported as handed back. */
  stop(drainMs: number): Promise<void>;
}

export interface PagePoolOptions {
  perHost: number;
  /** Rejects only with the reason of the task's signal. */
  visit(task: VisitTask): Promise<Visit>;
  onVisited(child: ClaimedChild, visit: Visit): void;
}

interface Held {
  child: ClaimedChild;
  controller: AbortController;
  done: Promise<void>;
}

const ABANDONED = Symbol('abandoned');

/** Holds the claimed pages while they are worked on. Whoever claims keeps it from holding too many. */
export function createPagePool({ perHost, visit, onVisited }: PagePoolOptions): PagePool {
  const held = new Map<string, Held>();
  const gate = createHostGate(perHost);
  let handsBack = false;

  const work = async (child: ClaimedChild, spec: unknown, controller: AbortController) => {
    const { signal } = controller;
    try {
      const task = readTask(child, spec, signal);
      const leave = await gate.enter(new URL(task.page.url).host, signal);
      try {
        return await visit(task);
      } finally {
        leave();
      }
    } catch (error) {
      if (error instanceof PageError) return failedVisit(error);
      if (signal.reason === ABANDONED) return null;
      throw error;
    }
  };

  const start = (child: ClaimedChild, spec: unknown) => {
    // The same child again means that the claim on its earlier attempt was lost.
    held.get(child.job_id)?.controller.abort(ABANDONED);
    const controller = new AbortController();
    const entry: Held = { child, controller, done: Promise.resolve() };
    held.set(child.job_id, entry);
    if (handsBack) controller.abort(workerStoppedError());
    entry.done = work(child, spec, controller).then((visited) => {
      if (held.get(child.job_id) === entry) held.delete(child.job_id);
      if (visited) onVisited(child, visited);
    });
  };

  return {
    take(claimed) {
      for (const child of claimed.children) start(child, claimed.parents[child.parent_id]);
    },
    get children() {
      return [...held.values()].map(({ child }) => child);
    },
    abandon(jobIds) {
      for (const jobId of jobIds) held.get(jobId)?.controller.abort(ABANDONED);
    },
    async stop(drainMs) {
      const timer = setTimeout(() => {
        for (const { controller } of held.values()) controller.abort(workerStoppedError());
      }, drainMs);
      handsBack = true;
      await Promise.all([...held.values()].map(({ done }) => done));
      clearTimeout(timer);
    },
  };
}

function readTask(child: ClaimedChild, spec: unknown, signal: AbortSignal): VisitTask {
  const page = pagePayloadSchema.safeParse(child.payload);
  const crawl = createCrawlSchema.safeParse(spec);
  if (page.success && crawl.success && URL.canParse(page.data.url)) {
    return { page: page.data, seeds: crawl.data.seeds, limits: crawl.data.limits, signal };
  }
  throw new PageError({
    code: 'invalid_payload',
    userMessage: 'The page was not described as a crawl needs it.',
    detail: [page.error?.message, crawl.error?.message].filter(Boolean).join('; '),
    retryable: false,
  });
}

/**
 * Handed back as a failure that may be tried again: another worker has it after half a second, where an expired lease
 * would take its whole time.
 */
const workerStoppedError = (): PageError =>
  new PageError({
    code: 'worker_stopped',
    userMessage: 'The crawler was stopped before the page was read.',
    detail: 'handed back by a worker that stops',
    retryable: true,
  });
