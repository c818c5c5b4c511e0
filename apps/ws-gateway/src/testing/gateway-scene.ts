import { once } from 'node:events';
import type { ProgenyEvent, ServerMessage } from '@progeny/contract';
import { createMemoryEventBus, createMemoryHub } from '@progeny/event-bus';
import type { JobStore } from '@progeny/job-store';
import { createMemoryHarness, newParent, numbered } from '@progeny/job-store/contract-suite';
import { createLog, createMetrics, readConfig } from '@progeny/kit';
import { type ClientOptions, WebSocket } from 'ws';
import { gatewayConfigSchema } from '../config.ts';
import { createGateway } from '../ws-gateway.ts';

export interface TestClient {
  socket: WebSocket;
  /** The next message of this type, in the order in which they came. */
  next(type: ServerMessage['type']): Promise<ServerMessage>;
  say(message: unknown): void;
  /** The code it was closed with. */
  closed: Promise<number>;
}

export interface GatewayScene {
  store: JobStore;
  port: number;
  connect(options?: ClientOptions): Promise<TestClient>;
  publish(...events: ProgenyEvent[]): void;
  /** A parent with this many children. */
  create(count?: number): Promise<string>;
  /** The value of a metric without labels. */
  measured(name: string): Promise<number>;
  stop(): Promise<void>;
  /** Stops, and cuts off every client that is left. */
  close(): Promise<void>;
}

/** A gateway on a free port, on the ledger and the bus in memory. */
export async function createGatewayScene({
  env = {},
  store: given = (store: JobStore) => store,
}: {
  env?: Record<string, string>;
  store?: (store: JobStore) => JobStore;
} = {}): Promise<GatewayScene> {
  const { store } = await createMemoryHarness();
  const hub = createMemoryHub();
  const publisher = createMemoryEventBus({ hub });
  const metrics = createMetrics({ service: 'ws-gateway' });
  const gateway = createGateway({
    config: readConfig(gatewayConfigSchema, { GATEWAY_PORT: '0', POLL_INTERVAL_MS: '3600000', ...env }),
    store: given(store),
    bus: createMemoryEventBus({ hub }),
    log: createLog({ service: 'test', level: 'silent' }),
    metrics,
  });
  await gateway.start();
  const sockets = new Set<WebSocket>();
  return {
    store,
    port: gateway.port(),
    async connect(options) {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port()}/ws`, options);
      sockets.add(socket);
      const client = createClient(socket);
      await once(socket, 'open');
      return client;
    },
    publish(...events) {
      for (const event of events) publisher.publish({ tenantId: 'acme', event });
    },
    async create(count = 1) {
      const { job } = await store.createParent(newParent(numbered(count), { sealed: true }));
      return job.job_id;
    },
    async measured(name) {
      const { text } = await metrics.render();
      return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1]);
    },
    stop: () => gateway.stop(),
    async close() {
      for (const socket of sockets) socket.terminate();
      await gateway.stop();
      await publisher.close();
    },
  };
}

function createClient(socket: WebSocket): TestClient {
  const messages: ServerMessage[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    messages.push(JSON.parse(data.toString()));
    wake();
  });
  socket.on('error', () => {});
  return {
    socket,
    async next(type) {
      for (;;) {
        const index = messages.findIndex((message) => message.type === type);
        const [found] = index < 0 ? [] : messages.splice(0, index + 1).slice(-1);
        if (found) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    closed: new Promise((resolve) => socket.once('close', resolve)),
  };
}
