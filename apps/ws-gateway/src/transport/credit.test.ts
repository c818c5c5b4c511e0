import { LIMITS } from '@progeny/contract';
import { Credit } from './credit.ts';

/** Spends all of it, with the ping that has to follow. */
function spent(nonce: number): Credit {
  const credit = new Credit();
  for (let flush = 1; flush < LIMITS.unansweredFlushes; flush += 1) expect(credit.spend()).toBe(false);
  expect(credit.spend()).toBe(true);
  credit.await(nonce);
  return credit;
}

test('is used up by so many flushes, the last of them with a ping behind it', () => {
  expect(new Credit().isUsedUp).toBe(false);
  expect(spent(1).isUsedUp).toBe(true);
});

test('is there again when that ping is answered, and not before', () => {
  const credit = spent(2);
  expect([credit.answer(1), credit.isUsedUp, credit.isAnswered]).toEqual([false, true, false]);
  expect([credit.answer(2), credit.isUsedUp, credit.isAnswered]).toEqual([true, false, true]);
  expect(credit.answer(2)).toBe(false);
});

test('the ping of a heartbeat says nothing of flushes that came after it', () => {
  const credit = new Credit();
  credit.asked(1);
  for (let flush = 0; flush < LIMITS.unansweredFlushes; flush += 1) credit.spend();
  credit.await(2);
  expect([credit.answer(1), credit.isUsedUp, credit.isAnswered]).toEqual([true, true, false]);
  expect([credit.answer(2), credit.isUsedUp, credit.isAnswered]).toEqual([true, false, true]);
});

test('a pong answers all pings before it', () => {
  const credit = new Credit();
  credit.asked(1);
  for (let flush = 0; flush < LIMITS.unansweredFlushes; flush += 1) credit.spend();
  credit.await(2);
  expect([credit.answer(2), credit.isUsedUp, credit.isAnswered]).toEqual([true, false, true]);
  expect(credit.answer(1)).toBe(false);
});
