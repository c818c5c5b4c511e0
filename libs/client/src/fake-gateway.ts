import type { ClientMessage } from '@progeny/contract';
import { readClientFrame, readServerFrame } from '@progeny/contract/testing';
import type { SocketEvent, WebSocketLike } from './web-socket-like.ts';
import type { ControlMessage, ServerMessage } from './wire.ts';

export const EPOCH = '00000000-0000-7000-8000-00000000e0c4';
export const SENT_AT = '2026-01-01T00:00:00.000Z';

/** A frame of the protocol, or the test is wrong. */
export function frameOf(message: ServerMessage): string {
  const text = JSON.stringify(message);
  readServerFrame(text);
  return text;
}

type PayloadOf<Type extends ControlMessage['type']> = Extract<ControlMessage, { type: Type }>['payload'];

export const welcome = (more: Partial<PayloadOf<'welcome'>> = {}): ServerMessage => ({
  type: 'welcome',
  payload: {
    connection_id: 'c',
    identity: { tenant_id: 'default', user_id: 'local', role: 'operator' },
    expires_at: null,
    heartbeat_ms: 15_000,
    poll_ms: 30_000,
    ...more,
  },
  timestamp: SENT_AT,
});

/** What a test makes the gateway say, on whatever carries it. */
abstract class FakeLine {
  protected abstract write(frame: string, type: string): void;

  say(message: ServerMessage): void {
    this.write(frameOf(message), message.type);
  }
  control<Type extends ControlMessage['type']>(type: Type, payload: PayloadOf<Type>): void {
    this.say({ type, payload, timestamp: SENT_AT } as ControlMessage);
  }
  welcome(more?: Partial<PayloadOf<'welcome'>>): void {
    this.say(welcome(more));
  }
  subscribed(jobId: string, seq: number, recovered = false, epoch = EPOCH): void {
    this.control('subscribed', { epoch, jobs: [{ job_id: jobId, recovered, seq }] });
  }
}

export class FakeSocket extends FakeLine implements WebSocketLike {
  readonly sent: ClientMessage[] = [];
  isClosedByClient = false;
  #listeners: { type: string; listener: (event: SocketEvent) => void }[] = [];

  constructor(
    readonly url: string,
    readonly protocols: string | string[] | undefined,
  ) {
    super();
  }

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.push({ type, listener });
  }
  #happen(event: SocketEvent): void {
    for (const { type, listener } of this.#listeners) if (type === event.type) listener(event);
  }
  send(data: string): void {
    this.sent.push(readClientFrame(data));
  }
  close(): void {
    this.isClosedByClient = true;
  }

  raw(data: unknown): void {
    this.#happen({ type: 'message', data });
  }
  protected write(frame: string): void {
    this.raw(frame);
  }
  open(): void {
    this.#happen({ type: 'open' });
  }
  drop(code = 1006): void {
    this.#happen({ type: 'close', code });
  }
  /** What was sent of one kind. */
  asked(type: ClientMessage['type']): unknown[] {
    return this.sent.flatMap((message) =>
      message.type === type ? ['payload' in message ? message.payload : {}] : [],
    );
  }
}

export class FakeStream extends FakeLine {
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly response: Response;

  constructor(
    readonly url: string,
    readonly headers: Record<string, string>,
    readonly signal: AbortSignal,
  ) {
    super();
    this.response = new Response(
      new ReadableStream({
        start: (controller) => {
          this.#controller = controller;
        },
      }),
    );
  }
  raw(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }
  protected write(frame: string, type: string): void {
    this.raw(`event: ${type}\nid: ${EPOCH}.0\ndata: ${frame}\n\n`);
  }
  end(): void {
    this.#controller?.close();
  }
}

/** A gateway and an API in the hand of a test: nothing happens unless the test says so. */
export class FakeGateway {
  readonly sockets: FakeSocket[] = [];
  readonly streams: FakeStream[] = [];
  /**
   * What the API answers by path, with another method than GET before it; without an entry a 404, and `null` stands for
   * an API that is away. A body with a number as `status` is answered with that status.
   */
  api: Record<string, unknown> | null = {};
  /** How `/sse` answers. */
  sse: 'open' | 'away' | number = 'away';
  readonly requests: { method?: string; path: string; headers: Record<string, string> }[] = [];
  /** Answers every request of the API in its place, when it resolves. */
  slowFetch: Promise<Response> | undefined;
  readonly WebSocket: new (
    url: string,
    protocols?: string | string[],
  ) => FakeSocket;
  readonly fetch: typeof fetch;

  constructor() {
    const { sockets } = this;
    const answer = (url: string, init: RequestInit) => this.#answer(url, init);
    this.fetch = async function (this: unknown, input, init = {}) {
      // As in a browser.
      if (this !== undefined) throw new TypeError('Illegal invocation');
      return answer(String(input), init);
    };
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    };
  }

  async #answer(url: string, init: RequestInit): Promise<Response> {
    const headers = init.headers as Record<string, string>;
    if (url.startsWith('http')) return this.#stream(url, headers, init.signal as AbortSignal);
    const { method = 'GET' } = init;
    this.requests.push({ ...(method !== 'GET' && { method }), path: url, headers });
    if (this.slowFetch) return this.slowFetch;
    if (this.api === null) throw new TypeError('fetch failed');
    const key = `${method === 'GET' ? '' : `${method} `}${url.replace(/\?wait=.*/, '')}`;
    const body = this.api[key] as { version?: number; status?: number; code?: string } | undefined;
    if (typeof body?.status === 'number') {
      const problem = body.code === undefined ? null : JSON.stringify(body);
      return new Response(problem, { status: body.status });
    }
    const etag = `"${body?.version}"`;
    if (headers['if-none-match'] === etag) return new Response(null, { status: 304 });
    return new Response(JSON.stringify(body ?? {}), { status: body ? 200 : 404, headers: { etag } });
  }

  #stream(url: string, headers: Record<string, string>, signal: AbortSignal): Response {
    const stream = new FakeStream(url, headers, signal);
    this.streams.push(stream);
    if (this.sse === 'away') throw new TypeError('fetch failed');
    return this.sse === 'open' ? stream.response : new Response(null, { status: this.sse });
  }

  get latest(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody has dialled');
    return socket;
  }
  get stream(): FakeStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('no stream was asked for');
    return stream;
  }
  get paths(): string[] {
    return this.requests.map(({ path }) => path);
  }
}
