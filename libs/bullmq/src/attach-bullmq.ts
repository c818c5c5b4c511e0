import type { AnyJob, AttachOptions, BullMQBridge } from './bridge.ts';
import { createFlows } from './flows.ts';
import { createInbox } from './inbox.ts';
import { listen } from './listen.ts';
import { createParents } from './parents.ts';
import type { QueueEvent } from './queue-event.ts';
import { walkQueue } from './repair.ts';
import { createTeller } from './teller.ts';

/** What is heard waits this long, so that it is read and told together. */
const COLLECT_MS = 50;
/** How often it is looked whether something is left to repair, to look up or to seal. */
const LOOK_MS = 1_000;
const BATCH = 500;
/** By which the clocks of workers may differ, and what is just on its way. */
const MARGIN_MS = 60_000;
const CLOSE_MS = 5_000;
const REPAIR_ENDED_MAX = 100_000;
const NO_LOG = { warn: () => {}, info: () => {} };

/**
 * Shows the jobs of a BullMQ queue as children in Progeny. Nothing that it does blocks or fails the worker or the
 * queue, whether Progeny or Redis is away. What it could not tell it counts, and finds again in the queue.
 */
export function attachBullMQ(options: AttachOptions): BullMQBridge {
  const {
    reporter,
    queue,
    worker,
    queueEvents,
    repairEndedMax: endedMax = REPAIR_ENDED_MAX,
    log = NO_LOG,
  } = options;
  const parents = createParents(options);
  const flows = createFlows({ reporter, queue });
  const teller = createTeller({ ...options, parents, flows });
  const counts = { events: 0, lostEvents: 0, repairs: 0 };
  let isClosed = false;
  let isDirty = false;
  /** It was said that the queue cannot be read, and it could not since. */
  let isFailing = false;
  /** Everything that happened until then is with the manager. */
  let cleanMs = 0;
  let collecting: ReturnType<typeof setTimeout> | undefined;
  /** One thing after the other, so that the order of a job's events stays. */
  let work: Promise<unknown> = Promise.resolve();

  const inbox = createInbox((count) => {
    counts.lostEvents += count;
    isDirty = true;
  });
  const inTurn = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const done = work.then(task);
    work = done.catch(() => {});
    return done;
  };

  const hear = (event: QueueEvent) => {
    counts.events += 1;
    inbox.push(event);
    collecting ??= unheld(setTimeout(() => void tellAll().catch(warnOfRedis), COLLECT_MS));
  };
  const warnOfRedis = (error: unknown) => {
    const isNews = !isFailing;
    isDirty = true;
    isFailing = true;
    if (isNews)
      log.warn(
        { err: error, queue: queue.name },
        'jobs of a queue could not be read; it is walked again later',
      );
  };
  const tellAll = () => {
    clearTimeout(collecting);
    collecting = undefined;
    return inTurn(async () => {
      await tellInbox();
      await flows.sync();
    });
  };

  const tellInbox = async () => {
    while (!inbox.isEmpty) await tellBatch(inbox.take(BATCH));
  };
  const tellBatch = async (events: readonly QueueEvent[]) => {
    const jobs = new Map<string, AnyJob>();
    for (const { jobId, job } of events) if (job) jobs.set(jobId, job);
    const unread = new Set(events.filter((event) => !jobs.has(event.jobId) && teller.needsJob(event)));
    const ids = new Set([...unread].map(({ jobId }) => jobId));
    await Promise.all(
      [...ids].map(async (id) => {
        const job = await queue.getJob(id);
        if (job) jobs.set(id, job);
      }),
    );
    // Said in one breath with `added`: the parent job of a flow.
    const flowIds = new Set(
      events
        .filter(({ jobId, type }) => type === 'waiting_children' && !teller.isKnown(jobId))
        .map(({ jobId }) => jobId),
    );
    const firstOwn = events.filter(
      ({ jobId, type, isOwn }) => type === 'active' && isOwn && !teller.isKnown(jobId),
    );
    await Promise.all(
      firstOwn.map(async ({ jobId, job }) => {
        if (job && !flowIds.has(jobId) && (await flows.isParent(job))) flowIds.add(jobId);
      }),
    );
    for (const event of events) {
      const { jobId } = event;
      const job = jobs.get(jobId);
      const isFlow = flowIds.has(jobId) || flows.isKnown(jobId);
      if (isFlow) flows.note(jobId);
      // The parent job of a flow is told where it is a child itself.
      if (!isFlow || teller.isKnown(jobId) || (job && flows.of(job))) teller.tell(event, job);
    }
  };

  const repair = (endedSinceMs = 0) =>
    inTurn(async () => {
      isDirty = false;
      teller.forget();
      flows.dueAgain();
      try {
        const jobs = await walkQueue({
          queue,
          reporter,
          flows,
          teller,
          endedMax,
          endedSinceMs,
          between: tellInbox,
        });
        await flows.sync();
        counts.repairs += 1;
        isFailing = false;
        log.info({ queue: queue.name, jobs }, 'the jobs of a queue were reported anew');
        return { jobs };
      } catch (error) {
        isDirty = true;
        throw error;
      }
    });

  const stopListening = listen({ worker, queueEvents }, hear);
  const stopLosses = reporter.onLost(() => {
    isDirty = true;
  });
  let looking = false;
  const look = async () => {
    if (looking || !reporter.isOnline) return;
    looking = true;
    try {
      if (isDirty) await repair(cleanMs - MARGIN_MS);
      else if (flows.areDue) await inTurn(() => flows.sync());
      if (isDirty || !inbox.isEmpty || reporter.counters.buffered > 0) return;
      cleanMs = Date.now();
      parents.sealPastDays(cleanMs);
    } catch (error) {
      warnOfRedis(error);
    } finally {
      looking = false;
    }
  };
  const timer = unheld(setInterval(() => void look(), LOOK_MS));
  void repair().catch(warnOfRedis);

  return {
    counters: {
      get events() {
        return counts.events;
      },
      get lostEvents() {
        return counts.lostEvents;
      },
      get repairs() {
        return counts.repairs;
      },
    },
    repair: () => repair(),
    seal: () => parents.sealNamed(),
    settle: tellAll,
    async close(timeoutMs = CLOSE_MS) {
      if (isClosed) return;
      isClosed = true;
      stopListening();
      clearInterval(timer);
      // Redis may be away, and then nothing of it answers.
      await Promise.race([tellAll().catch(warnOfRedis), passed(timeoutMs)]);
      stopLosses();
      await flows.close();
    },
  };
}

const passed = (ms: number) => new Promise<void>((resolve) => void unheld(setTimeout(resolve, ms)));

/** A bridge keeps no process alive. */
function unheld<Timer extends NodeJS.Timeout>(timer: Timer): Timer {
  timer.unref();
  return timer;
}
