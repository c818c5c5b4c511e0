import { createMemoryEventBus, createMemoryHub, SILENT_LOG } from '@progeny/event-bus';
import { createRandom } from '../random.ts';
import { type Chaos, createChaoticBus } from './chaotic-bus.ts';

const EVENTS = 200;
const JOB = '00000000-0000-7000-8000-000000000001';

/** The `seq` of each event that arrives when so many are published one after the other. */
async function arrivals(chaos: Chaos | null): Promise<number[]> {
  const bus = createMemoryEventBus({ hub: createMemoryHub(), log: SILENT_LOG });
  const chaotic = createChaoticBus(bus, { chaos: () => chaos, random: createRandom(1) });
  const arrived: number[] = [];
  // Undisturbed itself, so that only what the publisher does is seen.
  bus.subscribe({ topic: 'job_lifecycle' }, (event) => {
    if (event.type !== 'JOB_PROGRESS') arrived.push(event.payload.seq);
  });
  jest.useFakeTimers();
  for (let seq = 1; seq <= EVENTS; seq += 1) {
    const payload = { job_id: JOB, parent_id: null, operation_type: 'custom', seq };
    chaotic.publish({
      tenantId: 't',
      event: { type: 'JOB_STARTED', payload, timestamp: '2026-01-01T00:00:00.000Z' },
    });
  }
  await jest.advanceTimersByTimeAsync(1_000);
  jest.useRealTimers();
  await bus.close();
  return arrived;
}

const inOrder = Array.from({ length: EVENTS }, (_, index) => index + 1);

test('nothing happens to events while there is no chaos', async () => {
  expect(await arrivals(null)).toEqual(inOrder);
});

test('events are dropped', async () => {
  const arrived = await arrivals({ dropped: 0.05, doubled: 0, delayMaxMs: 0 });
  expect(arrived.length).toBeLessThan(EVENTS);
  expect(arrived.length).toBeGreaterThan(EVENTS * 0.85);
});

test('events come twice', async () => {
  const arrived = await arrivals({ dropped: 0, doubled: 0.3, delayMaxMs: 0 });
  expect(arrived.length).toBeGreaterThan(EVENTS * 1.2);
  expect(new Set(arrived).size).toBe(EVENTS);
});

test('events overtake one another', async () => {
  const arrived = await arrivals({ dropped: 0, doubled: 0, delayMaxMs: 100 });
  expect(arrived).not.toEqual(inOrder);
  expect([...arrived].sort((a, b) => a - b)).toEqual(inOrder);
});
