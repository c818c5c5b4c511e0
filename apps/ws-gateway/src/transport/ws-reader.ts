import type { Duplex } from 'node:stream';
import { CloseCode, LIMITS } from '@progeny/contract';
import type { Identity } from '@progeny/core';
import { WebSocket } from 'ws';
import { createPing, type Frame, readNonce } from '../hub/frame.ts';
import { HeldFrames } from '../hub/held-frames.ts';
import type { Reader } from '../hub/reader.ts';
import { Credit } from './credit.ts';

const { OPEN } = WebSocket;
/** A reader whose oldest ping is unanswered for longer, or with more in its buffer, is not told what it can do without. */
const MENTION_UNANSWERED_MAX_MS = 1_000;
const MENTION_BUFFER_MAX_BYTES = LIMITS.wsBufferMaxBytes / 4;

export interface WsReaderParts {
  id: string;
  identity: Identity;
  socket: WebSocket;
  /** What carries the socket: frames that are ready-made go to it directly. `ws` keeps none back without deflate. */
  wire: Duplex;
  /** Flushes that count as sent to begin with, fewer than `LIMITS.unansweredFlushes`. */
  spent: number;
  now: () => number;
  /** A frame was left out, since a newer one took its place. */
  onConflated: () => void;
}

/**
 * A reader on `ws`. Kernels hide megabytes of what nobody has read, so how far the reader is behind is asked of the
 * reader itself: progress beyond its credit waits here, of each job the newest, until it has answered the ping behind
 * what it was sent. Lifecycle events and answers never wait.
 *
 * An update visits thousands of these one after the other, each cold in the processor's cache: what it touches lies in
 * few objects.
 */
export class WsReader implements Reader {
  readonly id: string;
  readonly identity: Identity;
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #now: () => number;
  readonly #onConflated: () => void;
  readonly #held = new HeldFrames();
  readonly #credit: Credit;
  #askedAtMs: number;
  #waitsSinceMs: number;

  constructor({ id, identity, socket, wire, spent, now, onConflated }: WsReaderParts) {
    this.id = id;
    this.identity = identity;
    this.#socket = socket;
    this.#wire = wire;
    this.#now = now;
    this.#onConflated = onConflated;
    this.#credit = new Credit(spent);
    this.#askedAtMs = now();
    this.#waitsSinceMs = this.#askedAtMs;
  }

  send(frame: Frame): void {
    for (const { bytes } of this.#held.take(frame.jobId)) this.#write(bytes);
    this.#write(frame.bytes);
  }

  offer(frame: Frame): void {
    if (this.#credit.isUsedUp) {
      if (this.#held.hold(frame)) this.#onConflated();
    } else if (this.#credit.spend()) {
      const { bytes, nonce } = frame.pinged;
      this.#noteAsked();
      this.#credit.await(nonce);
      this.#write(bytes);
    } else this.#write(frame.bytes);
  }

  mention(frame: Frame): void {
    const isBehind =
      this.unansweredForMs > MENTION_UNANSWERED_MAX_MS ||
      this.#wire.writableLength > MENTION_BUFFER_MAX_BYTES;
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
    this.#waitsSinceMs = this.#now();
    this.#flushHeld();
    return true;
  }

  /** Asks a line that was not asked for this long. */
  askAfter(silentForMs: number): void {
    if (!this.#credit.isAnswered || this.#now() - this.#askedAtMs < silentForMs) return;
    const { bytes, nonce } = createPing();
    this.#noteAsked();
    this.#credit.asked(nonce);
    this.#write(bytes);
  }

  /** For how long a ping has had no answer. */
  get unansweredForMs(): number {
    return this.#credit.isAnswered ? 0 : this.#now() - this.#waitsSinceMs;
  }

  #flushHeld(): void {
    if (this.#held.isEmpty || this.#credit.isUsedUp) return;
    const needsPing = this.#credit.spend();
    // All that waited leaves in one piece, without being copied.
    this.#wire.cork();
    for (const { bytes } of this.#held.takeAll()) this.#write(bytes);
    if (needsPing) {
      const { bytes, nonce } = createPing();
      this.#noteAsked();
      this.#credit.await(nonce);
      this.#write(bytes);
    }
    this.#wire.uncork();
  }

  /** A ping goes out; called before it counts as unanswered. */
  #noteAsked(): void {
    this.#askedAtMs = this.#now();
    if (this.#credit.isAnswered) this.#waitsSinceMs = this.#askedAtMs;
  }

  #write(bytes: Buffer): void {
    if (this.#socket.readyState !== OPEN || this.#wire.write(bytes)) return;
    // The frame that says so waits behind the others, so the reader has the closing time to get there.
    if (this.#wire.writableLength > LIMITS.wsBufferMaxBytes)
      this.#socket.close(CloseCode.SlowConsumer, 'too slow');
  }
}
