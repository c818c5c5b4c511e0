import { createCrawlSchema, pagePayloadSchema } from '@progeny/contract';
import { type Job, JobFailure, type JobHandler } from '@progeny/worker';
import { createHostGate } from './host-gate.ts';
import { PageError } from './page-error.ts';
import { createPageTimeline } from './page-timeline.ts';
import { failedVisit, type Visit, type VisitTask } from './visit-page.ts';

export interface PageHandlerOptions {
  /** Requests to one host at a time. */
  perHost: number;
  /** Rejects only with the reason of the task's signal. */
  visit(task: VisitTask): Promise<Visit>;
  onVisited(job: Job, visit: Visit): void;
}

/** Visits the page that a job names, in its turn among those of its host. */
export function createPageHandler({ perHost, visit, onVisited }: PageHandlerOptions): JobHandler {
  const gate = createHostGate(perHost);

  const visitInTurn = async (task: VisitTask): Promise<Visit> => {
    const leave = await gate.enter(new URL(task.page.url).host, task.signal);
    try {
      return await visit(task);
    } finally {
      leave();
    }
  };

  return async (job) => {
    const timeline = createPageTimeline(job);
    const task = readTask(job, (stage) => timeline.stage(stage));
    const visited = task instanceof PageError ? failedVisit(task) : await visitInTurn(task);
    timeline.end(visited.status === 'completed');
    onVisited(job, visited);
    return end(job, visited);
  };
}

function readTask(job: Job, onStage: VisitTask['onStage']): VisitTask | PageError {
  const page = pagePayloadSchema.safeParse(job.payload);
  const crawl = createCrawlSchema.safeParse(job.parent);
  if (page.success && crawl.success && URL.canParse(page.data.url)) {
    const { seeds, limits } = crawl.data;
    return { page: page.data, seeds, limits, signal: job.signal, onStage };
  }
  return new PageError({
    code: 'invalid_payload',
    userMessage: 'The page was not described as a crawl needs it.',
    detail: [page.error?.message, crawl.error?.message].filter(Boolean).join('; '),
    retryable: false,
  });
}

/** Hands the visit to the job in the words of a handler. */
function end(job: Job, { status, error, retryable, result, text, children }: Visit) {
  if (error) {
    if (status === 'skipped') return job.skip(error);
    throw new JobFailure({ ...error, retryable, ...(result && { result }) });
  }
  job.addChildren(children);
  if (text !== undefined) job.keepText(text);
  return result;
}
