import type { EventBus } from '@progeny/event-bus';
import type { JobStore } from '@progeny/job-store';
import type { Log } from '@progeny/kit';
import { createAnnouncer } from './announcer.ts';
import type { ManagerConfig } from './config.ts';
import { createHousekeeping, type Housekeeping } from './housekeeping.ts';
import { createJobServices, type JobServices } from './job-service.ts';
import type { ManagerCounts } from './manager-metrics.ts';
import { createProgressIntake } from './progress/progress-intake.ts';
import { createSweeper } from './sweeper.ts';

export interface ComposedJobs {
  jobs: JobServices;
  housekeeping: Housekeeping;
  /** Ends what runs behind the back of those who asked; what is left stands in the ledger. */
  drain(): Promise<void>;
}

export interface ComposeParts {
  config: Pick<ManagerConfig, 'SEAL_TIMEOUT_MS' | 'RETENTION_DAYS'>;
  store: JobStore;
  bus: EventBus;
  log: Log;
  counts: ManagerCounts;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The use cases, on a ledger and a bus. */
export function composeJobs({ config, store, bus, log, counts }: ComposeParts): ComposedJobs {
  const { SEAL_TIMEOUT_MS: sealTimeoutMs, RETENTION_DAYS: retentionDays } = config;
  const announcer = createAnnouncer({ bus, log, ...counts });
  const sweeper = createSweeper({ store, announcer, log });
  const intake = createProgressIntake({ store, announcer, log, ...counts });
  return {
    jobs: createJobServices({ store, announcer, sweeper, intake, log, sealTimeoutMs, ...counts }),
    housekeeping: createHousekeeping({
      store,
      announcer,
      sweeper,
      retentionMs: retentionDays === undefined ? undefined : Math.round(retentionDays * DAY_MS),
    }),
    async drain() {
      await Promise.all([sweeper.drain(), intake.drain()]);
    },
  };
}
