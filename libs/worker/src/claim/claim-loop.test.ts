import type { ClaimReply } from '@progeny/contract';
import { BusError } from '@progeny/event-bus';
import { createLog } from '@progeny/kit';
import type { AskOptions, ManagerClient } from '../manager/manager-client.ts';
import { createClaimLoop } from './claim-loop.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const replyOf = (count: number): ClaimReply => ({
  parents: {},
  children: Array.from({ length: count }, (_, index) => ({
    job_id: `j${index}`,
    parent_id: 'p',
    job_type: 'page',
    key: 'k',
    payload: {},
    attempt: 1,
    lease_expires_at: '2030-01-01T00:00:00.000Z',
    timeout_ms: null,
  })),
});

/** A manager of which every answer comes when the test says so. */
function createScene(concurrency: number) {
  const limits: number[] = [];
  const lateEnds: ((reply: ClaimReply | null) => void)[] = [];
  let held = 0;
  let isFrozen = true;
  const request = async (_: string, { limit }: { limit: number }, { late }: AskOptions<'claim'>) => {
    limits.push(limit);
    if (!isFrozen) return replyOf(0);
    if (late) lateEnds.push(late.onEnd);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    throw new BusError('timeout', 'no answer');
  };
  const loop = createClaimLoop({
    manager: { request: request as unknown as ManagerClient['request'] },
    workerId: 'w',
    jobTypes: ['task'],
    leaseMs: 30_000,
    log: createLog({ service: 'test', level: 'silent' }),
    room: () => concurrency - held,
    onClaimed: ({ children }) => {
      held += children.length;
    },
  });
  return {
    loop,
    limits,
    lateEnds,
    held: () => held,
    thaw: () => {
      isFrozen = false;
    },
  };
}

test('a claim that a frozen manager does not answer is given up, and what it brings late is taken in hand', async () => {
  const { loop, limits, lateEnds, held, thaw } = createScene(8);
  loop.start();
  await jest.advanceTimersByTimeAsync(25_000);
  expect(limits.length).toBeGreaterThanOrEqual(4);
  expect(limits.length).toBeLessThanOrEqual(5);
  // The first may still bring eight: the others ask for one, which keeps another replica's work going.
  expect(limits).toEqual([8, ...limits.slice(1).map(() => 1)]);
  thaw();
  lateEnds[0]?.(replyOf(8));
  expect(held()).toBe(8);
  for (const end of lateEnds.slice(1)) end(null);
  const stopped = loop.stop();
  await jest.advanceTimersByTimeAsync(5_000);
  await stopped;
});

test('when all that was awaited has come, or never will, it claims as much as there is room for again', async () => {
  const { loop, limits, lateEnds, thaw } = createScene(8);
  loop.start();
  await jest.advanceTimersByTimeAsync(12_000);
  thaw();
  await jest.advanceTimersByTimeAsync(5_000);
  expect(limits.at(-1)).toBe(1);
  for (const end of lateEnds) end(null);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(limits.at(-1)).toBe(8);
  const stopped = loop.stop();
  await jest.advanceTimersByTimeAsync(5_000);
  await stopped;
});
