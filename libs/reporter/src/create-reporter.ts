import { fullJitterMs } from './backoff.ts';
import { createIdCache } from './id-cache.ts';
import { createLossBook } from './loss.ts';
import { createManagerApi } from './manager-api.ts';
import { createOutbox } from './outbox.ts';
import { createParentReporter, type OwnedParent } from './parent-reporter.ts';
import { createParentState } from './parent-state.ts';
import { type ParentReporter, type Reporter, ReporterError, type ReporterOptions } from './reporter.ts';
import { AwayError, type SenderParts, sendRound } from './sender.ts';
import { createWaiters } from './waiters.ts';

/** Ids of children that are known here; of others the manager is asked again. */
const IDS_KEPT = 100_000;
/** Parents that are known here by their key; nothing is lost with an older one. */
const PARENTS_KEPT = 1_000;
const NO_LOG = { warn: () => {}, info: () => {} };

/** Tells the manager at `url` of work that is done elsewhere. Nothing that it does blocks, throws or keeps a process alive. */
export function createReporter({
  url,
  token,
  maxBuffered = 10_000,
  flushMs = 100,
  requestTimeoutMs = 15_000,
  log = NO_LOG,
  fetch: ask = fetch,
  onLost,
}: ReporterOptions): Reporter {
  const api = createManagerApi({ url, ...(token !== undefined && { token }), requestTimeoutMs, fetch: ask });
  const counts = { sent: 0, lost: 0, refused: 0, retries: 0 };
  const parents = new Map<string, OwnedParent>();
  /** Those that have to be created or sealed. */
  const waiting = new Set<OwnedParent['state']>();
  const onlineListeners = new Set<() => void>();
  const waiters = createWaiters();
  let numbers = 0;
  let failures = 0;
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  /** Ends the wait for the next try. */
  let tryNow = () => {};

  /** A listener that throws is its owner's fault, and must not reach whoever reports. */
  const guarded = (call: () => void) => {
    try {
      call();
    } catch (error) {
      log.warn({ err: error }, 'a listener of the reporter threw');
    }
  };
  const later = (delayMs: number, call: () => void) => {
    const started = setTimeout(call, delayMs);
    (started as { unref?: () => void }).unref?.();
    return started;
  };
  const losses = createLossBook(() => later(0, tellLosses));
  const tellLosses = () => {
    guarded(() => losses.tell());
    for (const { state } of parents.values()) state.hasLostAdds = false;
  };
  if (onLost) losses.listen(onLost);

  const ownerOf = new WeakMap<OwnedParent['state'], ParentReporter>();
  const stateOf = new WeakMap<ParentReporter, OwnedParent['state']>();
  const outbox = createOutbox({
    maxOps: maxBuffered,
    onLost({ kind, child: { parent, key } }) {
      counts.lost += 1;
      if (kind === 'add') parent.hasLostAdds = true;
      if (parent.seal === 'wanted' && kind === 'add') {
        parent.seal = 'open';
        counts.lost += 1;
      }
      const owner = ownerOf.get(parent);
      if (owner) losses.note(owner, key);
    },
  });
  const ids = createIdCache(IDS_KEPT);
  const seals = () => [...waiting].filter(({ seal }) => seal === 'wanted').length;
  const buffered = () => outbox.size + seals();
  const hasWork = () => buffered() > 0 || waiting.size > 0;

  const parts: SenderParts = {
    api,
    outbox,
    ids,
    parents: () => [...waiting],
    onSent: (count) => {
      counts.sent += count;
    },
    onRefused(count, { code, detail, key, parent }) {
      counts.refused += count;
      log.warn({ code, detail, key, parent: parent?.idempotencyKey }, 'the manager refused a report');
    },
    onParent(state) {
      const isDone = state.refusal !== undefined || (state.id !== undefined && state.seal !== 'wanted');
      if (isDone) waiting.delete(state);
      parents.get(state.idempotencyKey)?.settle();
    },
  };

  const run = async () => {
    while (hasWork() && !isClosed) {
      try {
        await sendRound(parts);
        if (failures > 0) {
          failures = 0;
          log.info({}, 'the manager takes reports again');
          for (const listener of onlineListeners) guarded(listener);
        }
      } catch (error) {
        if (isClosed) return;
        if (!(error instanceof AwayError)) log.warn({ err: error }, 'a report could not be sent');
        if (failures === 0) log.warn({ reason: String(error) }, 'the manager takes no reports; they wait');
        counts.retries += 1;
        const delayMs = fullJitterMs(failures, Math.random);
        failures += 1;
        await new Promise<void>((resolve) => {
          later(delayMs, resolve);
          tryNow = resolve;
        });
      }
      waiters.look();
    }
  };
  const wake = () => {
    if (isClosed || timer !== undefined || running) return;
    timer = later(flushMs, start);
  };
  const start = () => {
    timer = undefined;
    running = run().finally(() => {
      running = undefined;
      waiters.look();
      if (hasWork()) wake();
    });
  };

  const flush = async (timeoutMs: number): Promise<boolean> => {
    if (timer !== undefined) {
      clearTimeout(timer);
      start();
    }
    tryNow();
    return await waiters.until(() => !hasWork(), timeoutMs);
  };

  const forgetAnIdleParent = () => {
    for (const [key, { state }] of parents) {
      if (waiting.has(state) || outbox.isBusy(state)) continue;
      parents.delete(key);
      return;
    }
  };

  return {
    parent(options) {
      const state = createParentState(numbers, options, (parent) => stateOf.get(parent));
      const known = parents.get(state.idempotencyKey);
      if (known) return known.reporter;
      numbers += 1;
      const owned = createParentReporter(state, {
        outbox,
        ids,
        isClosed: () => isClosed,
        onSaid(isParentWaiting) {
          if (isParentWaiting) waiting.add(state);
          wake();
        },
        onLost(count, key) {
          counts.lost += count;
          losses.note(owned.reporter, key);
        },
        onRefused: (count) => {
          counts.refused += count;
        },
      });
      if (parents.size >= PARENTS_KEPT) forgetAnIdleParent();
      parents.set(state.idempotencyKey, owned);
      ownerOf.set(state, owned.reporter);
      stateOf.set(owned.reporter, state);
      if (state.outer !== undefined && !isClosed) {
        if (typeof state.outer === 'object') state.outer.adds += 1;
        waiting.add(state);
        wake();
      }
      return owned.reporter;
    },
    counters: {
      get sent() {
        return counts.sent;
      },
      get lost() {
        return counts.lost;
      },
      get refused() {
        return counts.refused;
      },
      get retries() {
        return counts.retries;
      },
      get buffered() {
        return buffered();
      },
    },
    get isOnline() {
      return failures === 0;
    },
    onOnline(listener) {
      onlineListeners.add(listener);
      return () => void onlineListeners.delete(listener);
    },
    onLost: (listener) => losses.listen(listener),
    hasRoom: (timeoutMs) => waiters.until(() => isClosed || buffered() < maxBuffered / 2, timeoutMs),
    flush,
    async close(timeoutMs) {
      const isFlushed = isClosed || (await flush(timeoutMs));
      if (isClosed) return isFlushed;
      isClosed = true;
      clearTimeout(timer);
      api.close();
      tryNow();
      await running;
      counts.lost += buffered();
      for (const child of [...outbox.children]) outbox.drop(child);
      waiting.clear();
      for (const owned of parents.values())
        owned.fail(new ReporterError('closed', 'the reporter was closed'));
      waiters.look();
      return isFlushed;
    },
  };
}
