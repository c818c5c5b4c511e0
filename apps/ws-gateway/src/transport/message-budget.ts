import { LIMITS } from '@progeny/contract';

/** What one client may send: a bucket of `LIMITS.wsMessagesPerSecond` that fills up again within a second. */
export class MessageBudget {
  #left: number = LIMITS.wsMessagesPerSecond;
  #filledAtMs: number;

  constructor(nowMs: number) {
    this.#filledAtMs = nowMs;
  }

  /** False when it is used up. */
  spend(nowMs: number): boolean {
    const filled = this.#left + ((nowMs - this.#filledAtMs) / 1_000) * LIMITS.wsMessagesPerSecond;
    this.#left = Math.min(LIMITS.wsMessagesPerSecond, filled) - 1;
    this.#filledAtMs = nowMs;
    return this.#left >= 0;
  }
}
