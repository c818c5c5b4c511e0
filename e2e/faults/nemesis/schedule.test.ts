import { LONG, SHORT } from '../forms.ts';
import { oneCycle, type Round, schedule } from './schedule.ts';

const namesOf = (rounds: readonly Round[]) =>
  rounds.map(({ faults, quietMs }) => ({
    faults: faults.map(({ fault, afterMs }) => [fault.name, afterMs]),
    quietMs,
  }));

function first(count: number, seed: number): Round[] {
  const rounds: Round[] = [];
  for (const round of schedule({ seed, ...LONG })) {
    if (rounds.push(round) === count) break;
  }
  return rounds;
}

test('the same seed gives the same faults at the same moments', () => {
  expect(namesOf(first(40, 7))).toEqual(namesOf(first(40, 7)));
  expect(namesOf(first(40, 7))).not.toEqual(namesOf(first(40, 8)));
});

test('the short form has every kind of fault', () => {
  const names = oneCycle({ seed: 1, ...SHORT }).flatMap(({ faults }) =>
    faults.map(({ fault }) => fault.name),
  );
  for (const kind of [
    ...['manager', 'parent-executor', 'ws-gateway', 'crawl-worker'].map((service) => `kill -9 ${service}`),
    ...['nats-server SIGTERM', 'nats-server kill -9', 'PostgreSQL restart', 'PostgreSQL kill -9'],
    ...['freeze', 'events doubled', 'events dropped', 'events shuffled', 'a transaction held'],
  ]) {
    expect(names.filter((name) => name.startsWith(kind))).toHaveLength(1);
  }
});

test('the long form lets faults overlap, never two of one kind', () => {
  const rounds = first(100, 3);
  expect(rounds.some(({ faults }) => faults.length > 1)).toBe(true);
  for (const { faults } of rounds) {
    const kinds = faults.map(({ fault }) => fault.kind);
    expect(new Set(kinds).size).toBe(kinds.length);
  }
});
