import { LIMITS } from '@progeny/contract';

/** Nonces begin above it. */
const NONE = 0;

/**
 * How much progress a reader may be sent before it answers: `LIMITS.unansweredFlushes`, the last of them with a ping
 * behind it. Its pong says that all before it has come out of every buffer, the kernel's megabytes too.
 */
export class Credit {
  #flushes: number;
  /** Behind the last flush that there was credit for. */
  #awaited = NONE;
  /** Of a heartbeat, which is sent when nothing else is unanswered. */
  #beat = NONE;

  /**
   * `spent` flushes count as sent to begin with. Readers who begin differently are asked with different updates, so
   * that one which thousands read is not answered by all of them at once.
   */
  constructor(spent: number) {
    this.#flushes = spent;
  }

  get isUsedUp(): boolean {
    return this.#flushes >= LIMITS.unansweredFlushes;
  }

  get isAnswered(): boolean {
    return this.#awaited === NONE && this.#beat === NONE;
  }

  /** Takes one flush off; true when a ping has to follow it. */
  spend(): boolean {
    this.#flushes += 1;
    return this.isUsedUp;
  }

  /** This ping follows the last flush. */
  await(nonce: number): void {
    this.#awaited = nonce;
  }

  /** A heartbeat asks. */
  asked(nonce: number): void {
    this.#beat = nonce;
  }

  /** False for a pong that answers nothing. A pong answers all pings before it, too. */
  answer(nonce: number): boolean {
    if (nonce === NONE) return false;
    if (nonce === this.#awaited) {
      this.#awaited = NONE;
      this.#beat = NONE;
      this.#flushes = 0;
      return true;
    }
    if (nonce !== this.#beat) return false;
    this.#beat = NONE;
    return true;
  }
}
