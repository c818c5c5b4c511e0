import type { Duplex } from 'node:stream';
import { CloseCode, LIMITS } from '@progeny/contract';
import type { Identity } from '@progeny/core';
import type { WebSocket } from 'ws';
import { createPing, type Frame, readNonce } from '../hub/frame.ts';
import { HeldFrames, jobOf } from '../hub/held-frames.ts';
import type { Reader } from '../hub/reader.ts';
import { Credit } from './credit.ts';

/** A reader whose oldest ping is unanswered for longer, or with more in its buffer, is not told what it can do without. */
const MENTION_UNANSWERED_MAX_MS = 1_000;
const MENTION_BUFFER_MAX_BYTES = LIMITS.wsBufferMaxBytes / 4;

export interface WsReaderParts {
  id: string;
  identity: Identity;
  socket: WebSocket;
  /** What carries the socket: frames that are ready-made go to it directly. `ws` keeps none back without deflate. */
  wire: Duplex;
  now: () => number;
  /** A frame was left out, since a newer one took its place. */
  onConflated: () => void;
}

/**
 * A reader on `ws`. Kernels hide megabytes of what nobody has read, so how far the reader is behind is asked of the
 * reader itself: progress beyond its credit waits here, of each job the newest, until it has answered the ping behind
 * what it was sent. Lifecycle events and answers never wait.
 */
export class WsReader implements Reader {
  readonly id: string;
  readonly identity: Identity;
  readonly #parts: WsReaderParts;
  readonly #held = new HeldFrames();
  readonly #credit = new Credit();
  #askedAtMs: number;
  #waitsSinceMs: number;

  constructor(parts: WsReaderParts) {
    this.id = parts.id;
    this.identity = parts.identity;
    this.#parts = parts;
    this.#askedAtMs = parts.now();
    this.#waitsSinceMs = this.#askedAtMs;
  }

  send(frame: Frame): void {
    for (const { bytes } of this.#held.take(jobOf(frame))) this.#write(bytes);
    this.#write(frame.bytes);
  }

  offer(frame: Frame): void {
    if (this.#credit.isUsedUp) {
      if (this.#held.hold(frame)) this.#parts.onConflated();
    } else if (this.#credit.spend()) {
      const { bytes, nonce } = frame.pinged;
      this.#ask(() => this.#credit.await(nonce));
      this.#write(bytes);
    } else this.#write(frame.bytes);
  }

  mention(frame: Frame): void {
    const isBehind =
      this.unansweredForMs > MENTION_UNANSWERED_MAX_MS ||
      this.#parts.wire.writableLength > MENTION_BUFFER_MAX_BYTES;
    if (!isBehind) this.#write(frame.bytes);
  }

  forget(jobId: string): void {
    this.#held.take(jobId);
  }

  forgetAll(): void {
    this.#held.takeAll();
  }

  /** False for one that answers nothing. A pong answers all pings before it, too. */
  pong(payload: Buffer): boolean {
    const nonce = readNonce(payload);
    if (nonce === null || !this.#credit.answer(nonce)) return false;
    this.#waitsSinceMs = this.#parts.now();
    this.#flushHeld();
    return true;
  }

  /** Asks a line that was not asked for this long. */
  askAfter(silentForMs: number): void {
    if (!this.#credit.isAnswered || this.#parts.now() - this.#askedAtMs < silentForMs) return;
    const { bytes, nonce } = createPing();
    this.#ask(() => this.#credit.asked(nonce));
    this.#write(bytes);
  }

  /** For how long a ping has had no answer. */
  get unansweredForMs(): number {
    return this.#credit.isAnswered ? 0 : this.#parts.now() - this.#waitsSinceMs;
  }

  #flushHeld(): void {
    if (this.#held.isEmpty || this.#credit.isUsedUp) return;
    const { wire } = this.#parts;
    const needsPing = this.#credit.spend();
    // All that waited leaves in one piece, without being copied.
    wire.cork();
    for (const { bytes } of this.#held.takeAll()) this.#write(bytes);
    if (needsPing) {
      const { bytes, nonce } = createPing();
      this.#ask(() => this.#credit.await(nonce));
      this.#write(bytes);
    }
    wire.uncork();
  }

  #ask(ping: () => void): void {
    this.#askedAtMs = this.#parts.now();
    if (this.#credit.isAnswered) this.#waitsSinceMs = this.#askedAtMs;
    ping();
  }

  #write(bytes: Buffer): void {
    const { socket, wire } = this.#parts;
    if (socket.readyState !== socket.OPEN) return;
    wire.write(bytes);
    // The frame that says so waits behind the others, so the reader has the closing time to get there.
    if (wire.writableLength > LIMITS.wsBufferMaxBytes) socket.close(CloseCode.SlowConsumer, 'too slow');
  }
}
