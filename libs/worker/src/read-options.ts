import { claimRequestSchema, LIMITS } from '@progeny/contract';
import { TIMER_MAX_MS } from '@progeny/kit';
import type { JobHandler } from './job.ts';
import type { WorkerOptions } from './worker.ts';
import { WorkerOptionsError } from './worker-options-error.ts';

interface ReadOptions {
  kinds: readonly string[];
  handler: JobHandler;
  concurrency: number;
  leaseMs: number;
  drainMs: number;
  name: string;
}

/** The options with their defaults. Throws WorkerOptionsError, which names every fault. */
export function readOptions(options: WorkerOptions): ReadOptions {
  const { kind, handler, natsUrl, managerUrl, concurrency = 1, leaseMs = 30_000, drainMs = 10_000 } = options;
  const { name = 'worker' } = options;
  const kinds = typeof kind === 'string' ? [kind] : [...kind];
  const { shape } = claimRequestSchema;
  const faults = [
    shape.job_types.safeParse(kinds).success && kinds.every((one) => one !== '')
      ? null
      : 'kind must name 1 to 20 kinds',
    typeof handler === 'function' ? null : 'handler must be a function',
    natsUrl === undefined && managerUrl === undefined ? 'natsUrl or managerUrl is needed' : null,
    managerUrl === undefined || /^https?:\/\//.test(managerUrl) ? null : 'managerUrl must begin with http',
    isWithin(concurrency, 1, LIMITS.workerBatch)
      ? null
      : `concurrency must be a whole number from 1 to ${LIMITS.workerBatch}`,
    shape.lease_ms.safeParse(leaseMs).success ? null : 'leaseMs must be a whole number from 1,000 to 600,000',
    isWithin(drainMs, 0, TIMER_MAX_MS) ? null : 'drainMs must be a whole number of milliseconds',
    /^[\w-]{1,27}$/.test(name) ? null : 'name must have 1 to 27 letters, digits, "-" or "_"',
  ].filter((fault) => fault !== null);
  if (faults.length > 0) throw new WorkerOptionsError(faults);
  return { kinds, handler, concurrency, leaseMs, drainMs, name };
}

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
