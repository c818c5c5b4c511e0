import type { ServerResponse } from 'node:http';
import { LIMITS } from '@progeny/contract';
import type { Identity } from '@progeny/core';
import type { Frame } from '../hub/frame.ts';
import { HeldFrames } from '../hub/held-frames.ts';
import type { Reader } from '../hub/reader.ts';
import type { SseCursor } from './sse-cursor.ts';

/**
 * A reader on server-sent events. It cannot be asked how far it is, so what it is behind by is what its socket has not
 * taken: until that has drained, newer progress waits here, of each job the newest.
 */
export class SseReader implements Reader {
  readonly #held = new HeldFrames();

  constructor(
    readonly id: string,
    readonly identity: Identity,
    private readonly response: ServerResponse,
    private readonly cursor: SseCursor,
    private readonly onConflated: () => void,
  ) {
    response.on('drain', () => {
      for (const frame of this.#held.takeAll()) this.#write(frame);
    });
  }

  send(frame: Frame): void {
    for (const held of this.#held.take(frame.jobId)) this.#write(held);
    this.#write(frame);
  }

  offer(frame: Frame): void {
    if (!this.response.writableNeedDrain) this.#write(frame);
    else if (this.#held.hold(frame)) this.onConflated();
  }

  mention(frame: Frame): void {
    if (!this.response.writableNeedDrain) this.#write(frame);
  }

  forget(jobId: string): void {
    this.#held.take(jobId);
  }

  forgetAll(): void {
    this.#held.takeAll();
  }

  #write({ message, text }: Frame): void {
    const { response } = this;
    if (response.writableEnded || response.destroyed) return;
    const id = this.cursor.follow(message);
    response.write(`${id === null ? '' : `id: ${id}\n`}event: ${message.type}\ndata: ${text}\n\n`);
    if (response.writableLength > LIMITS.wsBufferMaxBytes) response.destroy();
  }
}
