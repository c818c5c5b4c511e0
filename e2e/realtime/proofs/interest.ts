import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../faults/random.ts';
import type { Replica } from '../../faults/stack/replica.ts';
import type { Finding } from '../finding.ts';
import { sumOfMetric } from '../metrics.ts';
import { type Scene, socketUrlOf } from '../scene.ts';
import { createWatcher, type Watcher } from '../watching/watcher.ts';
import { allSubscribed, allWithin } from '../watching/watchers.ts';

export interface InterestLoad {
  jobs: number;
}

const WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;
const TOPICS = ['parent_job_progress', 'job_lifecycle'];

/** Each gateway has subscribed to what its own clients watch, by the word of NATS; and any serves anybody. */
export async function proveInterest(
  { feed, stack, seed, withGateways }: Scene,
  { jobs }: InterestLoad,
): Promise<Finding> {
  const batch = await feed.create({ jobs, children: 2 });
  await batch.begin();
  return withGateways({ count: 2 }, async (gateways) => {
    const faults: string[] = [];
    const expectOnBus = async (when: string, perGateway: readonly (readonly string[])[]) => {
      const wanted = perGateway.map((ofOne) => subjectsOf(ofOne)).sort();
      const { seen, metric } = await settledOnBus(stack.natsMonitorUrl, gateways, wanted);
      if (seen.join(' | ') !== wanted.join(' | ')) faults.push(`${when} NATS has ${seen.join(' | ')}`);
      const watched = perGateway.reduce((sum, ofOne) => sum + ofOne.length, 0);
      if (metric !== watched) faults.push(`${when} bus_subscriptions is ${metric}, and not ${watched}`);
    };
    // The middle third is watched on both.
    const third = Math.floor(jobs / 3);
    const shares = [batch.jobIds.slice(0, 2 * third), batch.jobIds.slice(third)];
    await expectOnBus('before anybody came', [[], []]);
    const watchers = gateways.flatMap((gateway, at) =>
      [0, 1].map((index) =>
        createWatcher({
          name: `watcher ${index} of gateway ${at + 1}`,
          urls: () => [socketUrlOf(gateway)],
          jobIds: shares[at] ?? [],
          random: createRandom(seed, 'interest', at, index),
        }),
      ),
    );
    try {
      if (!(await allSubscribed(watchers, WITHIN_MS))) faults.push('not everybody could subscribe');
      await expectOnBus('while two watch on each', shares);
      await batch.step();
      const news = (watcher: Watcher, jobId: string) => (): boolean =>
        watcher.record.known.get(jobId)?.progress?.version === feed.latest(jobId).version;
      const all = watchers.flatMap((watcher, index) =>
        (shares[index < 2 ? 0 : 1] ?? []).map((jobId) => watcher.when(news(watcher, jobId))),
      );
      if (!(await allWithin(all, WITHIN_MS))) faults.push('an update did not reach everybody');
      for (const watcher of watchers.filter((_, index) => index % 2 === 0)) watcher.close();
      await expectOnBus('while one is left on each', shares);
      for (const watcher of watchers) watcher.close();
      await expectOnBus('after everybody has gone', [[], []]);
      faults.push(...watchers.flatMap(({ record }) => record.faults));
    } finally {
      for (const watcher of watchers) watcher.close();
    }
    const subscriptions = shares.flat().flatMap(subjectsOfJob).length;
    return { name: 'a gateway hears what its clients watch', faults, numbers: { jobs, subscriptions } };
  });
}

/** Nobody knows of a job that is named whether it has a parent, which would stand behind it. */
const subjectsOfJob = (jobId: string): string[] =>
  TOPICS.flatMap((topic) => [`${topic}.${jobId}`, `${topic}.${jobId}.*`]);

const subjectsOf = (jobIds: readonly string[]): string => jobIds.flatMap(subjectsOfJob).sort().join(' ');

/** What NATS says of each gateway's connection once it says what is wanted, or when the time is over. */
async function settledOnBus(monitorUrl: string, gateways: readonly Replica[], wanted: readonly string[]) {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const seen = await readSubscriptions(monitorUrl);
    const metric = await sumOfMetric(gateways, 'bus_subscriptions');
    if (seen.join() === wanted.join() || Date.now() > deadline) return { seen, metric };
    await delay(LOOK_EVERY_MS); // NATS answers when it is asked
  }
}

async function readSubscriptions(monitorUrl: string): Promise<string[]> {
  const answer = await fetch(`${monitorUrl}/connz?subs=1&limit=1000`);
  const { connections } = (await answer.json()) as {
    connections: { name: string; subscriptions_list?: string[] }[];
  };
  return connections
    .filter(({ name }) => name === 'ws-gateway')
    .map(({ subscriptions_list = [] }) =>
      subscriptions_list
        // Of which tenant is not asked: it stands in the middle.
        .map((subject) => subject.replace(/\.[^.]*\./, '.'))
        .filter((subject) => TOPICS.some((topic) => subject.startsWith(topic)))
        .sort()
        .join(' '),
    )
    .sort();
}
