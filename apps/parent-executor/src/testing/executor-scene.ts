import { type JobStatusChange, type ProgenyEvent, TOPICS, USER_HEADER } from '@progeny/contract';
import { changePublications, createMemoryEventBus, createMemoryHub, type EventBus } from '@progeny/event-bus';
import type { JobStore } from '@progeny/job-store';
import { createMemoryHarness, type JobStoreHarness, newParent } from '@progeny/job-store/contract-suite';
import { createLog, createMetrics, readConfig } from '@progeny/kit';
import { executorConfigSchema } from '../config.ts';
import { createParentExecutor } from '../parent-executor.ts';

/** Executors on one ledger and one bus, and somebody who does the manager's part and watches. */
export interface ExecutorScene extends JobStoreHarness {
  /** Everything that was published, by whomever. */
  events: ProgenyEvent[];
  /** Resolves when the events fulfil this. */
  until(isReached: (events: readonly ProgenyEvent[]) => boolean): Promise<void>;
  /** Tells the bus, as the manager does after a commit. */
  tell(changes: readonly JobStatusChange[]): void;
  startExecutor(parts?: { env?: Record<string, string>; store?: JobStore }): Promise<StartedExecutor>;
  /** Fails when something was published that did not say whose it is. */
  close(): Promise<void>;
}

export interface StartedExecutor {
  stop(): Promise<void>;
  port: number;
  /** The value of a counter without labels. */
  counted(name: string): Promise<number>;
}

/** Nothing comes by itself: neither poll nor audit. */
const QUIET = { FOLD_POLL_INTERVAL_MS: '3600000', AUDIT_INTERVAL_MS: '3600000', FOLD_INTERVAL_MS: '10' };

export async function createExecutorScene(): Promise<ExecutorScene> {
  const harness = await createMemoryHarness();
  const hub = createMemoryHub();
  const watcher = createMemoryEventBus({ hub });
  const stops: (() => Promise<void>)[] = [];
  const { events, unowned, until } = record(watcher);

  return {
    ...harness,
    events,
    until,
    tell(changes) {
      const timestamp = new Date().toISOString();
      for (const change of changes) {
        for (const publication of changePublications(change, { timestamp })) watcher.publish(publication);
      }
    },
    async startExecutor({ env = {}, store = harness.store } = {}) {
      const metrics = createMetrics({ service: 'parent-executor' });
      const executor = createParentExecutor({
        config: readConfig(executorConfigSchema, { EXECUTOR_PORT: '0', ...QUIET, ...env }),
        store,
        bus: createMemoryEventBus({ hub }),
        log: createLog({ service: 'test', level: 'silent' }),
        metrics,
      });
      stops.push(() => executor.stop());
      await executor.start();
      return {
        stop: () => executor.stop(),
        port: executor.port(),
        async counted(name) {
          const { text } = await metrics.render();
          return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1]);
        },
      };
    },
    async close() {
      for (const stop of stops) await stop();
      await watcher.close();
      expect(unowned).toEqual([]);
    },
  };
}

function record(bus: EventBus) {
  const events: ProgenyEvent[] = [];
  const unowned: ProgenyEvent[] = [];
  const waiting = new Set<() => void>();
  for (const topic of TOPICS) {
    bus.subscribe({ topic }, (event, { headers }) => {
      events.push(event);
      if (headers[USER_HEADER] !== newParent().owner.userId) unowned.push(event);
      for (const look of waiting) look();
    });
  }
  const until = (isReached: (events: readonly ProgenyEvent[]) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isReached(events)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { events, unowned, until };
}
