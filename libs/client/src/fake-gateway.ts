import type { ClientMessage, LifecycleEvent, ParentJobProgress } from '@progeny/contract';
import type { GatewayWebSocket } from './gateway-socket.ts';

/** A gateway and an API in the hand of a test: nothing happens unless the test says so. */
export class FakeGateway {
  readonly sockets: FakeSocket[] = [];
  /** What the API answers by path; a path without an entry is a 404, and `null` stands for an API that is away. */
  api: Record<string, unknown> | null = {};
  readonly requests: string[] = [];
  /** Answers every request in the API's place, when it resolves. */
  slowFetch: Promise<Response> | undefined;

  readonly WebSocket: new (
    url: string,
  ) => GatewayWebSocket;
  readonly fetch: typeof fetch;

  constructor() {
    const { sockets } = this;
    const answer = (path: string): Promise<Response> => this.#answer(path);
    this.fetch = async function (this: unknown, input) {
      // As in a browser.
      if (this !== undefined) throw new TypeError('Illegal invocation');
      return answer(String(input));
    };
    this.WebSocket = class extends FakeSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    };
  }

  async #answer(path: string): Promise<Response> {
    this.requests.push(path);
    if (this.slowFetch) return this.slowFetch;
    if (this.api === null) throw new TypeError('fetch failed');
    const body = this.api[path];
    return new Response(JSON.stringify(body ?? {}), { status: body === undefined ? 404 : 200 });
  }

  get latest(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody has dialled');
    return socket;
  }
}

export class FakeSocket implements GatewayWebSocket {
  onmessage: GatewayWebSocket['onmessage'] = null;
  onclose: GatewayWebSocket['onclose'] = null;
  onerror: GatewayWebSocket['onerror'] = null;
  isClosedByClient = false;
  readonly sent: ClientMessage[] = [];

  constructor(readonly url: string) {}

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.isClosedByClient = true;
  }

  raw(data: unknown): void {
    this.onmessage?.call(this as unknown as WebSocket, { data } as MessageEvent);
  }

  say(type: string, payload: object): void {
    this.raw(JSON.stringify({ type, payload, timestamp: '2026-01-01T00:00:00.000Z' }));
  }

  welcome(heartbeatMs = 15_000): void {
    this.say('welcome', { connection_id: 'c', heartbeat_ms: heartbeatMs, poll_ms: 30_000 });
  }

  drop(code = 1006): void {
    this.onclose?.call(this as unknown as WebSocket, { code } as CloseEvent);
  }
}

export const progressOf = (
  jobId: string,
  version: number,
  more: Partial<ParentJobProgress> = {},
): ParentJobProgress => ({
  job_id: jobId,
  version,
  status: 'running',
  sealed: false,
  total_children: version,
  pending_children: 0,
  running_children: 0,
  completed_children: version,
  failed_children: 0,
  cancelled_children: 0,
  skipped_children: 0,
  progress_text: `0 pending, 0 running, ${version} completed, 0 failed`,
  progress_percentage: 99,
  children_per_second: 1,
  eta_seconds: null,
  verified_at: null,
  ...more,
});

export const startedOf = (jobId: string, seq: number): LifecycleEvent => ({
  type: 'JOB_STARTED',
  payload: { job_id: jobId, parent_id: null, operation_type: 'crawl', seq },
  timestamp: '2026-01-01T00:00:00.000Z',
});
