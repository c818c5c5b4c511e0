import { LIMITS } from '@progeny/contract';

/**
 * How much progress a reader may be sent before it answers: `LIMITS.unansweredFlushes`, the last of them with a ping
 * behind it. Its pong says that all before it has come out of every buffer, the kernel's megabytes too.
 */
export class Credit {
  #flushes = 0;
  /** Nonces of pings without a pong, rising; with that of a heartbeat two at most. */
  #unanswered: number[] = [];
  /** Behind the last flush that there was credit for. */
  #awaited: number | null = null;

  get isUsedUp(): boolean {
    return this.#flushes >= LIMITS.unansweredFlushes;
  }

  get isAnswered(): boolean {
    return this.#unanswered.length === 0;
  }

  /** Takes one flush off; true when a ping has to follow it. */
  spend(): boolean {
    this.#flushes += 1;
    return this.isUsedUp;
  }

  /** This ping follows the last flush. */
  await(nonce: number): void {
    this.#awaited = nonce;
    this.asked(nonce);
  }

  asked(nonce: number): void {
    this.#unanswered.push(nonce);
  }

  /** False for a pong that answers nothing. A pong answers all pings before it, too. */
  answer(nonce: number): boolean {
    if (!this.#unanswered.includes(nonce)) return false;
    this.#unanswered = this.#unanswered.filter((asked) => asked > nonce);
    if (this.#awaited !== null && this.#awaited <= nonce) {
      this.#awaited = null;
      this.#flushes = 0;
    }
    return true;
  }
}
