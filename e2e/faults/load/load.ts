import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parentViewSchema } from '@progeny/contract';
import { createRandom } from '../random.ts';
import { type Accepted, createAccepted } from './accepted.ts';
import { type Api, ApiClosedError, createApi } from './api.ts';
import { runCustomParent } from './custom-parent.ts';
import { planCustom } from './custom-plan.ts';
import type { Site } from './site.ts';

export interface LoadOptions {
  seed: number;
  managerUrls: readonly string[];
  site: Site;
  /** Custom parents, and crawls, that live at a time. */
  customs: number;
  crawls: number;
  repeatMaxMs: number;
}

/** Parents and children that keep coming until `finish`. */
export interface Load {
  readonly accepted: Accepted;
  readonly api: Api;
  /** The crawls that were asked for and not cancelled, by job id. */
  readonly uncancelledCrawls: ReadonlySet<string>;
  /** Starts no new parent; resolves when each has had its seal or its cancel. */
  finish(): Promise<void>;
  /** Gives up on all requests. */
  close(): void;
}

export function startLoad(options: LoadOptions): Load {
  const { seed, site } = options;
  const closing = new AbortController();
  const finishing = new AbortController();
  // Each that waits is one.
  setMaxListeners(0, closing.signal, finishing.signal);
  const api = createApi(options.managerUrls, closing.signal);
  const accepted = createAccepted();
  const uncancelledCrawls = new Set<string>();
  const pending = new Set<Promise<void>>();
  const pause = (ms: number) => delay(ms, undefined, { signal: finishing.signal }).catch(() => {});
  const later = (afterMs: number, act: () => Promise<void>) => {
    const acting = pause(afterMs)
      .then(act)
      .catch(ignoreClosed)
      .finally(() => pending.delete(acting));
    pending.add(acting);
  };
  const run = `run-${seed}`;
  let customs = 0;
  let crawls = 0;

  const customLane = async () => {
    while (!finishing.signal.aborted) {
      customs += 1;
      const random = createRandom(seed, 'custom', customs);
      const plan = planCustom(random);
      const parts = { api, accepted, random, repeatMaxMs: options.repeatMaxMs, later, pause };
      await runCustomParent(`${run} custom ${customs}`, plan, parts);
    }
  };
  const crawlLane = async () => {
    while (!finishing.signal.aborted) {
      crawls += 1;
      const random = createRandom(seed, 'crawl', crawls);
      const name = `${run} crawl ${crawls}`;
      const { body } = await api.post(
        '/v1/jobs',
        { type: 'crawl', name, seeds: [site.seedOf(crawls)] },
        { 'idempotency-key': name },
      );
      const { job_id: jobId } = parentViewSchema.pick({ job_id: true }).parse(body);
      const isCancelled = random.chance(0.15);
      if (!isCancelled) uncancelledCrawls.add(jobId);
      accepted.parent(jobId, 'crawl');
      await pause(random.int(1_500, 4_000));
      if (isCancelled) await api.post(`/v1/jobs/${jobId}/cancel`);
    }
  };
  const lanes = [
    ...Array.from({ length: options.customs }, customLane),
    ...Array.from({ length: options.crawls }, crawlLane),
  ].map((lane) => lane.catch(ignoreClosed));
  // Whoever finishes hears of it.
  for (const lane of lanes) lane.catch(() => {});

  return {
    accepted,
    api,
    uncancelledCrawls,
    async finish() {
      finishing.abort();
      await Promise.all(lanes);
      while (pending.size > 0) await Promise.all(pending);
    },
    close() {
      finishing.abort();
      closing.abort();
    },
  };
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof ApiClosedError)) throw error;
}
