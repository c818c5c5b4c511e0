import type { JobEvent, ServerMessage } from '@progeny/contract';
import type { Cursor } from '../session/session.ts';

/**
 * Where a stream is, as the `id` of its events: the epoch of the ledger, then the `seq` of each job in the order of
 * the address, with dots between them. A browser sends the last one back as `Last-Event-ID`.
 */
export class SseCursor {
  #epoch = '';
  readonly #seqs: Map<string, number>;

  constructor(jobIds: readonly string[]) {
    this.#seqs = new Map(jobIds.map((jobId) => [jobId, 0]));
  }

  /** What a reader with this id has; nothing where the id is not of a stream of these jobs. */
  resume(lastEventId: string | undefined): Cursor {
    const [epoch = '', ...parts] = (lastEventId ?? '').split('.');
    const seqs = parts.map(Number);
    if (epoch === '' || seqs.length !== this.#seqs.size || !seqs.every(isSeq)) return {};
    this.#epoch = epoch;
    for (const [index, jobId] of [...this.#seqs.keys()].entries()) this.#seqs.set(jobId, seqs[index] ?? 0);
    return { epoch, after_seq: Object.fromEntries(this.#seqs) };
  }

  /** Takes note of what is sent; answers the id to send with it, null when nothing moved. */
  follow(message: ServerMessage): string | null {
    if (message.type === 'subscribed') {
      this.#epoch = message.payload.epoch;
      // What is recovered is still to be replayed.
      for (const { job_id, recovered, seq } of message.payload.jobs) {
        if (!recovered) this.#seqs.set(job_id, seq);
      }
    } else if (isRecorded(message) && this.#seqs.has(message.payload.job_id)) {
      this.#seqs.set(message.payload.job_id, message.payload.seq);
    } else return null;
    return [this.#epoch, ...this.#seqs.values()].join('.');
  }
}

type Recorded = Extract<JobEvent, { payload: { seq: number } }>;

const isRecorded = (message: ServerMessage): message is Recorded => 'seq' in message.payload;

const isSeq = (seq: number): boolean => Number.isSafeInteger(seq) && seq >= 0;
