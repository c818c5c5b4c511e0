import { crowding } from './crowding.ts';
import type { FaultTimes } from './nemesis/faults.ts';
import type { ServiceName } from './stack/build-services.ts';

/** How much of everything a run has. */
export interface Form {
  replicas: Readonly<Record<ServiceName, number>>;
  env: Readonly<Record<string, string>>;
  load: { customs: number; crawls: number; repeatMaxMs: number };
  times: FaultTimes;
  quietMs: readonly [min: number, max: number];
  /** Faults that act together at most. */
  overlap: number;
  /** See `Scene.stretch`. */
  stretch?: () => number;
}

const TWO_OF_EACH = { manager: 2, 'parent-executor': 2, 'ws-gateway': 2, 'crawl-worker': 2 };

/** For `npm test`: every kind of fault once, with the product's clocks turned forward. */
export const SHORT: Form = {
  replicas: TWO_OF_EACH,
  env: {
    WORKER_LEASE_MS: '3000',
    REAP_INTERVAL_MS: '1000',
    POLL_INTERVAL_MS: '3000',
    AUDIT_INTERVAL_MS: '2000',
    FETCH_TIMEOUT_MS: '5000',
  },
  load: { customs: 4, crawls: 1, repeatMaxMs: 10_000 },
  times: {
    frozenMs: [4_500, 5_000],
    natsAwayMs: [1_000, 4_000],
    postgresAwayMs: 500,
    disturbedMs: 3_000,
    transactionMs: 5_000,
  },
  quietMs: [1_000, 1_500],
  overlap: 1,
  // Other tests run beside it.
  stretch: crowding,
};

/** For `npm run faults`: the product as it is set by default, and faults that overlap. */
export const LONG: Form = {
  replicas: TWO_OF_EACH,
  env: {},
  load: { customs: 5, crawls: 1, repeatMaxMs: 90_000 },
  times: {
    frozenMs: [35_000, 40_000],
    natsAwayMs: [1_000, 25_000, 180_000],
    postgresAwayMs: 2_000,
    disturbedMs: 20_000,
    transactionMs: 60_000,
  },
  quietMs: [3_000, 10_000],
  overlap: 3,
};

/** For builds that are broken on purpose: as little as shows it. */
export const BROKEN: Pick<Form, 'replicas' | 'env' | 'load'> = {
  replicas: { manager: 1, 'parent-executor': 1, 'ws-gateway': 1, 'crawl-worker': 1 },
  env: { ...SHORT.env, POLL_INTERVAL_MS: '2000', FOLD_POLL_INTERVAL_MS: '2000' },
  load: { customs: 5, crawls: 2, repeatMaxMs: 1_000 },
};
