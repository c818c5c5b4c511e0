import type { WorkerEndpoint, WorkerReply, WorkerRequest } from '@progeny/contract';
import { BusError, DEFAULT_TIMEOUT_MS, type EventBus } from '@progeny/event-bus';
import { createOutage } from '@progeny/kit';
import type { WorkerLog } from '../worker.ts';
import type { ManagerHttp } from './manager-http.ts';

/** What a worker asks of the manager. */
export type AskedEndpoint = Exclude<WorkerEndpoint, 'explain' | 'command'>;

export interface AskOptions<E extends AskedEndpoint> {
  /** 5,000 where left out. */
  timeoutMs?: number;
  /** Whoever gave up an answer may still hear it: `onEnd` is told, once, the late answer or null. */
  late?: { forMs: number; onEnd(reply: WorkerReply<E> | null): void };
}

/**
 * The manager, over the bus, or over HTTP while the bus is away or nobody answers on it. Rejects with BusError. That
 * the manager is away is told here, not by those who ask.
 */
export interface ManagerClient {
  request<E extends AskedEndpoint>(
    endpoint: E,
    request: WorkerRequest<E>,
    options?: AskOptions<E>,
  ): Promise<WorkerReply<E>>;
  /** For readiness: throws while the manager is away. */
  assertThere(): void;
}

export function createManagerClient({
  bus,
  http,
  log,
}: {
  /** Null: there is no such way. One of them there has to be. */
  bus: EventBus | null;
  http: ManagerHttp | null;
  log: WorkerLog;
}): ManagerClient {
  const outage = createOutage({ log, what: 'manager' });
  let isOverHttp = false;

  const ask: EventBus['request'] = async (endpoint, request, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) => {
    if (bus && (bus.state === 'connected' || !http)) {
      const reply = await bus.request(endpoint, request, { timeoutMs }).catch((error: unknown) => {
        if (http && error instanceof BusError && error.code === 'no_responder') return null;
        throw error;
      });
      if (reply !== null) {
        if (isOverHttp) log.info({}, 'the manager answers on the bus again');
        isOverHttp = false;
        return reply;
      }
    }
    if (!http) throw new BusError('unavailable', 'there is no way to the manager');
    const reply = await http.request(endpoint as AskedEndpoint, request as never, { timeoutMs });
    if (bus && !isOverHttp)
      log.warn({ bus: bus.state }, 'the manager is asked over HTTP: it does not answer on the bus');
    isOverHttp = true;
    return reply as never;
  };

  return {
    request(endpoint, request, { timeoutMs = DEFAULT_TIMEOUT_MS, late } = {}) {
      if (!late) return outage.watch(() => ask(endpoint, request, { timeoutMs }));
      const answer = ask(endpoint, request, { timeoutMs: late.forMs });
      return outage.watch(() => inTime(answer, { timeoutMs, onLate: late.onEnd }));
    },
    assertThere: () => outage.assertThere(),
  };
}

/** The answer if it comes in time, else BusError `timeout`; then `onLate` is told what came after all, or null. */
function inTime<T>(
  answer: Promise<T>,
  { timeoutMs, onLate }: { timeoutMs: number; onLate(value: T | null): void },
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new BusError('timeout', `no answer after ${timeoutMs} ms`));
    }, timeoutMs);
    answer.then(
      (value) => {
        clearTimeout(timer);
        if (isLate) onLate(value);
        else resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        if (isLate) onLate(null);
        else reject(error);
      },
    );
  });
}
