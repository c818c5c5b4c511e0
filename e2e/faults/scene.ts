import { type ParentJobProgress, parentJobProgressSchema } from '@progeny/contract';
import { type ConvergenceChecker, createConvergenceChecker } from './checkers/convergence.ts';
import { createSnapshotChecker, type SnapshotChecker } from './checkers/snapshots.ts';
import type { Violations } from './checkers/violations.ts';
import { type LedgerWatch, watchLedger } from './ledger-watch.ts';
import { type Load, type LoadOptions, startLoad } from './load/load.ts';
import { type Site, startSite } from './load/site.ts';
import type { Stack } from './stack/stack.ts';
import { listenToBus } from './viewers/bus-viewer.ts';
import { pollProgress } from './viewers/rest-viewer.ts';
import { watchStream } from './viewers/sse-viewer.ts';
import type { Viewer, ViewerParts } from './viewers/viewer.ts';
import { subscribeToJobs, watchEverything } from './viewers/ws-viewer.ts';

/** A stack with load on it, everybody who watches, and the checkers that see what they see. */
export interface Scene {
  stack: Stack;
  site: Site;
  load: Load;
  viewers: readonly Viewer[];
  snapshots: SnapshotChecker;
  convergence: ConvergenceChecker;
  ledger: LedgerWatch;
  /** How many times as long as on a machine of its own everything may take now. */
  stretch(): number;
  close(): Promise<void>;
}

export async function openScene(
  stack: Stack,
  {
    seed,
    load: amount,
    violations,
    stretch = () => 1,
  }: {
    seed: number;
    stretch?: Scene['stretch'] | undefined;
    load: Pick<LoadOptions, 'customs' | 'crawls' | 'repeatMaxMs'>;
    violations: Violations;
  },
): Promise<Scene> {
  const site = await startSite(seed);
  const managerUrls = stack.replicasOf('manager').map(({ url }) => url);
  const snapshots = createSnapshotChecker(violations);
  const convergence = createConvergenceChecker(violations, Date.now);
  const ledger = watchLedger(stack.databaseUrl, violations);
  const load = startLoad({ seed, managerUrls, site, ...amount });
  const readProgress = async (jobId: string): Promise<ParentJobProgress | null> => {
    const { status, body } = await load.api.get(`/v1/jobs/${jobId}/progress`);
    return status === 200 ? parentJobProgressSchema.parse(body) : null;
  };
  const viewers = openViewers(stack, { snapshots, convergence, readProgress });
  load.accepted.onParent((jobId) => {
    ledger.know(jobId);
    for (const viewer of viewers) viewer.parentCreated(jobId);
  });
  return {
    stack,
    site,
    load,
    viewers,
    snapshots,
    convergence,
    ledger,
    stretch,
    async close() {
      load.close();
      await Promise.all(viewers.map((viewer) => viewer.close()));
      await ledger.close();
      await site.close();
    },
  };
}

function openViewers(stack: Stack, parts: ViewerParts): Viewer[] {
  const gateways = stack.replicasOf('ws-gateway');
  const sockets = gateways.flatMap(({ url }, index) => {
    const gatewayUrl = `${url.replace('http', 'ws')}/ws`;
    return [
      watchEverything({ name: `watcher ${index + 1}`, gatewayUrl, parts }),
      subscribeToJobs({ name: `subscriber ${index + 1}`, gatewayUrl, parts }),
    ];
  });
  const streams = gateways
    .slice(0, 1)
    .map(({ url }) => watchStream({ name: 'stream', gatewayUrl: url, parts }));
  return [
    ...sockets,
    ...streams,
    pollProgress({ name: 'poller', parts }),
    listenToBus({ name: 'bus', natsUrl: stack.natsUrl, parts }),
  ];
}
