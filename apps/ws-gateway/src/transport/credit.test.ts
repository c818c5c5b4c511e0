import { LIMITS } from '@progeny/contract';
import { Credit } from './credit.ts';

/** Spends all of it, with the ping that has to follow. */
function spent(nonce: number): Credit {
  const credit = new Credit(0);
  for (let flush = 1; flush < LIMITS.unansweredFlushes; flush += 1) expect(credit.spend()).toBe(false);
  expect(credit.spend()).toBe(true);
  credit.await(nonce);
  return credit;
}

test('is used up by so many flushes, the last of them with a ping behind it', () => {
  expect(new Credit(0).isUsedUp).toBe(false);
  expect(spent(1).isUsedUp).toBe(true);
});

test('of readers who begin differently some are asked with the first flush, and all with each last one from then on', () => {
  const asked = Array.from({ length: LIMITS.unansweredFlushes }, (_, spent) => {
    const credit = new Credit(spent);
    return Array.from({ length: 3 * LIMITS.unansweredFlushes }, (_, flush) => {
      const isAsked = credit.spend();
      if (isAsked) {
        credit.await(flush + 1);
        credit.answer(flush + 1);
      }
      return isAsked;
    });
  });
  // With each flush one of them.
  for (let flush = 0; flush < 3 * LIMITS.unansweredFlushes; flush += 1) {
    expect(asked.filter((flushes) => flushes[flush])).toHaveLength(1);
  }
});

test('is there again when that ping is answered, and not before', () => {
  const credit = spent(2);
  expect([credit.answer(1), credit.isUsedUp, credit.isAnswered]).toEqual([false, true, false]);
  expect([credit.answer(2), credit.isUsedUp, credit.isAnswered]).toEqual([true, false, true]);
  expect(credit.answer(2)).toBe(false);
});

test('the ping of a heartbeat says nothing of flushes that came after it', () => {
  const credit = new Credit(0);
  credit.asked(1);
  for (let flush = 0; flush < LIMITS.unansweredFlushes; flush += 1) credit.spend();
  credit.await(2);
  expect([credit.answer(1), credit.isUsedUp, credit.isAnswered]).toEqual([true, true, false]);
  expect([credit.answer(2), credit.isUsedUp, credit.isAnswered]).toEqual([true, false, true]);
});

test('a pong answers all pings before it', () => {
  const credit = new Credit(0);
  credit.asked(1);
  for (let flush = 0; flush < LIMITS.unansweredFlushes; flush += 1) credit.spend();
  credit.await(2);
  expect([credit.answer(2), credit.isUsedUp, credit.isAnswered]).toEqual([true, false, true]);
  expect(credit.answer(1)).toBe(false);
});
