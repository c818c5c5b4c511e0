import type { InterestLoad } from './proofs/interest.ts';
import type { Cuts, Kills } from './proofs/lifecycle.ts';
import type { BusOutageLoad, OutageLoad } from './proofs/outages.ts';
import type { PausedLoad } from './proofs/paused.ts';
import type { RestartLoad } from './proofs/restart.ts';
import type { StalledLoad } from './proofs/stalled.ts';

/** How much of everything a run has. */
export interface Form {
  interest: InterestLoad;
  kills: Kills;
  cuts: Cuts;
  busOutage: BusOutageLoad;
  ledgerOutage: OutageLoad;
  paused: PausedLoad;
  restart: RestartLoad;
  stalled: StalledLoad;
}

/** For `npm test`: the same proofs, small, and with outages that end as soon as they have shown what they can. */
export const SHORT: Form = {
  interest: { jobs: 6 },
  kills: { watchers: 60, users: 15, jobs: 60, jobsEach: 10, pauseMaxMs: 1_500, kills: 3 },
  cuts: {
    watchers: 60,
    users: 15,
    jobs: 60,
    jobsEach: 10,
    pauseMaxMs: 1_500,
    forMs: 4_000,
    cutEveryMs: 1_500,
    awayMs: 200,
  },
  busOutage: { watchers: 10, jobs: 5, awayMs: 0, pollMs: 1_000, shownWithinMs: 20_000 },
  ledgerOutage: { watchers: 10, jobs: 5, awayMs: 0 },
  paused: { jobs: 100, updatesPerJob: 30 },
  restart: { watchers: 300, jobs: 20, drainMs: 1_500 },
  stalled: { readers: 60, stalled: 20, jobs: 50, perJobPerSecond: 10, seconds: 2 },
};

/** For `npm run realtime`: the numbers of docs/GUARANTEES.md, and every default setting. */
export const LONG: Form = {
  interest: { jobs: 90 },
  kills: { watchers: 1_000, users: 50, jobs: 200, jobsEach: 20, pauseMaxMs: 5_000, kills: 10 },
  cuts: {
    watchers: 1_000,
    users: 50,
    jobs: 200,
    jobsEach: 20,
    pauseMaxMs: 5_000,
    forMs: 60_000,
    cutEveryMs: 15_000,
    awayMs: 2_000,
  },
  busOutage: { watchers: 100, jobs: 50, awayMs: 45_000, pollMs: 30_000, shownWithinMs: 31_000 },
  ledgerOutage: { watchers: 100, jobs: 20, awayMs: 20_000 },
  paused: { jobs: 5, updatesPerJob: 1_800 },
  restart: { watchers: 5_000, jobs: 200, drainMs: 5_000 },
  stalled: { readers: 2_000, stalled: 200, jobs: 100, perJobPerSecond: 2, seconds: 20 },
};
