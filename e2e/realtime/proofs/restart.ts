import { once } from 'node:events';
import { CloseCode } from '@progeny/contract';
import { WebSocket } from 'ws';
import { createRandom } from '../../faults/random.ts';
import type { Finding } from '../finding.ts';
import { type Scene, socketUrlOf } from '../scene.ts';
import { createWatcher, type Watcher } from '../watching/watcher.ts';
import { allSubscribed, allWithin } from '../watching/watchers.ts';

export interface RestartLoad {
  watchers: number;
  jobs: number;
  drainMs: number;
}

/** What the documents promise. */
const BACK_WITHIN_MS = 30_000;
const WITHIN_MS = 120_000;
const RESTART_CODES: ReadonlySet<number> = new Set([CloseCode.ServiceRestart]);
/** At once on their way to a gateway; a listen queue is not endless. */
const OPENING_AT_ONCE = 200;
const QUARTERS = 4;

/** A gateway is told to stop, and its clients leave one by one and are all served elsewhere. */
export async function proveRestart(
  scene: Scene,
  { watchers: count, jobs, drainMs }: RestartLoad,
): Promise<Finding> {
  const { feed, seed, withGateways } = scene;
  const batch = await feed.create({ jobs, children: 1 });
  return withGateways({ count: 2, env: { DRAIN_TIME_MS: String(drainMs) } }, async ([first, second]) => {
    if (!first || !second) throw new Error('two gateways were asked for');
    const faults: string[] = [];
    const watchers: Watcher[] = [];
    let urls = [socketUrlOf(first)];
    try {
      while (watchers.length < count) {
        const some = Array.from({ length: Math.min(OPENING_AT_ONCE, count - watchers.length) }, (_, index) =>
          createWatcher({
            name: `watcher ${watchers.length + index}`,
            urls: () => urls,
            jobIds: [batch.jobIds[(watchers.length + index) % jobs] ?? ''],
            random: createRandom(seed, 'restart', watchers.length + index),
          }),
        );
        watchers.push(...some);
        if (!(await allSubscribed(some, WITHIN_MS))) faults.push('not everybody could subscribe');
      }
      urls = [socketUrlOf(first), socketUrlOf(second)];
      const away = watchers.map((watcher) => watcher.when(() => watcher.closes.length > 0));
      const startedMs = Date.now();
      first.restart();
      await watchers[0]?.when(() => watchers.some(({ reconnects }) => reconnects.length > 0));
      const refusal = await knock(socketUrlOf(first));
      if (refusal.status !== 503 || !(Number(refusal.retryAfter) > 0)) {
        faults.push(
          `while it drained an upgrade was answered with ${refusal.status}, Retry-After ${refusal.retryAfter}`,
        );
      }
      if (!(await allWithin(away, WITHIN_MS))) faults.push('not everybody was sent away');
      const goneMs = Date.now() - startedMs;
      const back = watchers.map((watcher) =>
        watcher.when(() => watcher.isSubscribed && watcher.connections > 1),
      );
      if (!(await allWithin(back, BACK_WITHIN_MS - goneMs))) {
        const missing = watchers.filter(({ isSubscribed }) => !isSubscribed).length;
        faults.push(`${missing} are not back within ${BACK_WITHIN_MS / 1_000} s`);
      }
      const backMs = Date.now() - startedMs;
      await batch.begin();
      const told = watchers.map((watcher, index) => {
        const jobId = batch.jobIds[index % jobs] ?? '';
        return watcher.when(
          () => watcher.record.known.get(jobId)?.progress?.version === feed.latest(jobId).version,
        );
      });
      if (!(await allWithin(told, WITHIN_MS))) faults.push('an update did not reach everybody who came back');

      const delays = watchers.map(({ reconnects }) => reconnects[0] ?? Number.NaN);
      const quarters = Array.from(
        { length: QUARTERS },
        (_, at) => delays.filter((ms) => Math.floor((ms / drainMs) * QUARTERS) === at).length,
      );
      if (quarters.some((inIt) => inIt < count / QUARTERS / 2)) {
        faults.push(`leaving is spread over the quarters of the drain time as ${quarters.join(', ')}`);
      }
      const others = watchers
        .flatMap(({ closes }) => closes.slice(0, 1))
        .filter((code) => !RESTART_CODES.has(code));
      if (others.length > 0) faults.push(`${others.length} closed with ${[...new Set(others)].join()}`);
      faults.push(...watchers.flatMap(({ record }) => record.faults));
      return {
        name: 'a kind restart',
        faults,
        numbers: {
          watchers: count,
          'told when to leave': delays.filter((ms) => !Number.isNaN(ms)).length,
          'fewest in a quarter of the drain time': Math.min(...quarters),
          'all gone after, ms': goneMs,
          'all subscribed again after, ms': backMs,
        },
      };
    } finally {
      for (const watcher of watchers) watcher.close();
    }
  });
}

/** How an upgrade is answered by one that lets nobody in. */
async function knock(url: string): Promise<{ status: number | undefined; retryAfter: string | undefined }> {
  const socket = new WebSocket(url);
  socket.on('error', () => {}); // that of the refused upgrade
  const [, response] = await once(socket, 'unexpected-response');
  const { statusCode, headers } = response;
  response.destroy();
  return { status: statusCode, retryAfter: headers['retry-after'] };
}
