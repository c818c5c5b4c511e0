import fc from 'fast-check';
import type { Step } from './world.ts';

const times = (count: number, ...steps: Step[]): Step[] => Array(count).fill(steps).flat();

/** By their weights: a step is one byte. */
const STEPS: readonly Step[] = [
  ...[0, 1].flatMap((writer): Step[] => [
    ['commit', 0, writer, 'counts'],
    ['commit', 0, writer, 'step'],
    ['commit', 0, writer, 'end'],
    ['commit', 0, writer, 'retry'],
    ['commit', 0, writer, 'rerun'],
    ['commit', 0, writer, 'correct'],
    ['commit', 1, writer, 'counts'],
    ['commit', 1, writer, 'step'],
    ['commit', 1, writer, 'end'],
    ['commit', 1, writer, 'retry'],
    ...times(2, ['publish', writer]),
    ['tell', writer],
  ]),
  ...times(3, ['serve']),
  ...times(5, ['arrive']),
  ['stand'],
  ...[0, 1].flatMap((client): Step[] => [
    ...times(3, ['subscribe', client, 0]),
    ...times(2, ['subscribe', client, 1]),
    ['unsubscribe', client, 0],
    ['reconnect', client],
    ['stall', client],
    ['flush', client],
  ]),
  ...times(2, ['see']),
  ...times(2, ['answer', 'first']),
  ['answer', 'last'],
  ['look'],
  ['fail'],
  ...times(2, ['tick', 60]),
  ['repair'],
  ['renew'],
];

/** What a history may do without, so that the rest of it goes deeper. */
const FEATURES: readonly ((step: Step) => boolean)[] = [
  ([name, client]) => (name === 'subscribe' || name === 'stall' || name === 'flush') && client === 1,
  ([name]) => name === 'reconnect' || name === 'unsubscribe',
  ([name]) => name === 'stall' || name === 'flush' || name === 'tick',
  ([name]) => name === 'fail' || name === 'renew',
  ([name, job]) => name === 'commit' && job === 1,
  ([name, job]) => name === 'commit' && job === 0,
  ([name, , , what]) => name === 'commit' && what === 'counts',
  ([name, , , what]) => name === 'commit' && (what === 'retry' || what === 'rerun'),
  ([name]) => name === 'publish' || name === 'arrive' || name === 'serve',
];

const stepsWithout = (features: number): Step[] =>
  STEPS.filter((step) => !FEATURES.some((isPart, at) => features & (1 << at) && isPart(step)));

const ALPHABETS = Array.from({ length: 1 << FEATURES.length }, (_, features) => stepsWithout(features));

/** Any interleaving of the steps. */
export const histories: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.boolean(),
    fc.nat({ max: ALPHABETS.length - 1 }),
    fc.uint8Array({ minLength: 10, maxLength: 40, size: 'max', max: 239 }),
  )
  .map(([isAlone, features, bytes]) => {
    const alphabet = ALPHABETS[features] ?? STEPS;
    const steps = [...bytes].map((byte): Step => alphabet[byte % alphabet.length] ?? ['repair']);
    return isAlone ? [['leave'], ...steps] : steps;
  });
