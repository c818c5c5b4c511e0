import type { Duplex } from 'node:stream';
import { type ClientMessage, CloseCode, LIMITS } from '@progeny/contract';
import { IdentityError } from '@progeny/identity';
import { TIMER_MAX_MS } from '@progeny/kit';
import type { RawData, WebSocket } from 'ws';
import { sendControl } from '../session/control.ts';
import { parseClientMessage } from '../session/session.ts';
import type { Visitor } from './door.ts';
import { MessageBudget } from './message-budget.ts';
import { type Serving, toTimestamp, welcome } from './serving.ts';
import { WsReader } from './ws-reader.ts';

type Work = Exclude<ClientMessage, { type: 'auth' }>;

/** Messages of one client that wait for the database; beyond that nothing more is read from its socket. */
const PENDING_MESSAGES_MAX = 16;

/**
 * One socket, in one of three modes. Unknown: nothing but `auth` is taken, and not for long. Identified: it reads and
 * is served, until its token expires. Closed. Its fault, slowness or silence ends this connection alone.
 */
export class WsConnection {
  reader: WsReader | null = null;
  readonly #id: string;
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #spent: number;
  readonly #parts: Serving;
  readonly #budget: MessageBudget;
  /** What waits for tokens to be verified, in the order in which it came. */
  #verifying: Promise<void> | null = null;
  #pending = 0;
  #isLeaving = false;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(
    { id, socket, wire, spent }: { id: string; socket: WebSocket; wire: Duplex; spent: number },
    visitor: Visitor | null,
    parts: Serving,
  ) {
    this.#id = id;
    this.#socket = socket;
    this.#wire = wire;
    this.#spent = spent;
    this.#parts = parts;
    this.#budget = new MessageBudget(parts.now());
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('ping', () => this.#spend());
    socket.on('pong', (payload) => this.reader?.pong(payload) || this.#spend());
    socket.on('close', () => this.#leave());
    if (visitor) this.#welcome(visitor);
    else this.#closeAfter(LIMITS.wsAuthSeconds * 1_000, CloseCode.Unauthorized, 'no token came in time');
  }

  close(code: CloseCode, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** It is not expected to answer the closing handshake. */
  cutOff(code: CloseCode, reason: string): void {
    this.#socket.close(code, reason);
    this.#socket.terminate();
  }

  /** Tells the reader to come back elsewhere, and ends the connection after that time. */
  leaveAfter(afterMs: number): void {
    if (this.reader) sendControl(this.reader, 'reconnect', { after_ms: afterMs });
    this.#isLeaving = true;
    this.#closeAfter(afterMs, CloseCode.ServiceRestart, 'the gateway restarts');
  }

  #welcome(visitor: Visitor): void {
    const { now, onConflated } = this.#parts;
    const { identity } = visitor;
    this.reader = new WsReader({
      id: this.#id,
      identity,
      socket: this.#socket,
      wire: this.#wire,
      spent: this.#spent,
      now,
      onConflated,
    });
    this.#expireAt(visitor.expiresAtMs);
    welcome(this.reader, visitor, this.#parts);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN || !this.#spend()) return;
    const message = isBinary ? null : parseClientMessage(data.toString());
    if (!message) this.close(CloseCode.BadMessage, 'not a message of this protocol');
    else if (message.type === 'auth') this.#inOrder(() => this.#authenticate(message.payload.token));
    else if (this.#verifying) this.#inOrder(() => this.#work(message));
    else void this.#work(message);
  }

  /** One after the other: what follows a token is said by whoever it names. */
  #inOrder(task: () => Promise<void>): void {
    const before = this.#verifying ?? Promise.resolve();
    this.#count(1);
    const mine = before.then(task).finally(() => {
      this.#count(-1);
      if (this.#verifying === mine) this.#verifying = null;
    });
    this.#verifying = mine;
  }

  async #authenticate(token: string): Promise<void> {
    const { door, log } = this.#parts;
    try {
      const visitor = await door.verify(token);
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      if (this.reader) this.#refresh(this.reader, visitor);
      else this.#introduce(visitor);
    } catch (error) {
      if (!(error instanceof IdentityError)) log.error({ err: error }, 'a token could not be verified');
      const isKnown = error instanceof IdentityError && !error.retryable;
      if (isKnown) this.close(CloseCode.Unauthorized, error.code);
      else this.close(CloseCode.TryAgainLater, 'tokens cannot be verified at the moment');
    }
  }

  #introduce(visitor: Visitor): void {
    const release = this.#parts.door.enter(visitor);
    if (release) {
      this.#wire.once('close', release);
      this.#welcome(visitor);
    } else this.close(CloseCode.LimitExceeded, 'too many connections of this user');
  }

  #refresh(reader: WsReader, { identity, expiresAtMs }: Visitor): void {
    const { tenantId, userId, role } = reader.identity;
    if (identity.tenantId === tenantId && identity.userId === userId && identity.role === role) {
      this.#expireAt(expiresAtMs);
      sendControl(reader, 'authenticated', { expires_at: toTimestamp(expiresAtMs) });
    } else this.close(CloseCode.Forbidden, 'the token is of somebody else');
  }

  async #work(message: Work): Promise<void> {
    if (!this.reader) {
      this.close(CloseCode.Unauthorized, 'say who you are first');
      return;
    }
    this.#count(1);
    try {
      await this.#parts.session.handle(this.reader, message);
    } catch (error) {
      this.#parts.log.error({ err: error, connection_id: this.#id }, 'a message could not be handled');
    } finally {
      this.#count(-1);
    }
  }

  #count(by: 1 | -1): void {
    this.#pending += by;
    if (this.#pending >= PENDING_MESSAGES_MAX) this.#socket.pause();
    else if (this.#socket.isPaused) this.#socket.resume();
  }

  /** False when the client sent more than it may, which ends the connection. */
  #spend(): boolean {
    if (this.#budget.spend(this.#parts.now())) return true;
    this.close(CloseCode.LimitExceeded, 'too many messages');
    return false;
  }

  #expireAt(expiresAtMs: number | null): void {
    // Whoever was told to leave goes at that time, whatever it says meanwhile.
    if (this.#isLeaving) return;
    clearTimeout(this.#deadline);
    if (expiresAtMs === null) return;
    const restMs = expiresAtMs - this.#parts.now();
    if (restMs <= TIMER_MAX_MS) this.#closeAfter(restMs, CloseCode.TokenExpired, 'the token has expired');
    else this.#deadline = setTimeout(() => this.#expireAt(expiresAtMs), TIMER_MAX_MS);
  }

  #closeAfter(delayMs: number, code: CloseCode, reason: string): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.close(code, reason), Math.max(0, delayMs));
  }

  #leave(): void {
    clearTimeout(this.#deadline);
    if (this.reader) this.#parts.hub.leave(this.reader);
  }
}
