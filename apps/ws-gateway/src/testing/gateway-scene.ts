import { type ProgenyEvent, USER_HEADER } from '@progeny/contract';
import { createMemoryEventBus, createMemoryHub } from '@progeny/event-bus';
import type { JobStore, Owner } from '@progeny/job-store';
import {
  createMemoryHarness,
  type JobStoreHarness,
  newParent,
  numbered,
} from '@progeny/job-store/contract-suite';
import { createLog, createMetrics, readConfig } from '@progeny/kit';
import { gatewayConfigSchema } from '../config.ts';
import { createGateway } from '../ws-gateway.ts';
import { openRaw, type RawSocket, type RawSocketOptions } from './raw-socket.ts';
import { openStream, type StreamClient } from './stream-client.ts';
import { type ConnectOptions, connectClient, type TestClient } from './test-client.ts';

/** Whom AUTH=none takes everybody for. */
export const LOCAL: Owner = { tenantId: 'default', userId: 'local' };

export interface GatewayScene {
  harness: JobStoreHarness;
  store: JobStore;
  port: number;
  connect(options?: ConnectOptions & { port?: number }): Promise<TestClient>;
  raw(options?: RawSocketOptions): Promise<RawSocket>;
  stream(path?: string, headers?: Readonly<Record<string, string>>): Promise<StreamClient>;
  /** Tells of jobs of the local user. */
  publish(...events: ProgenyEvent[]): void;
  publishOf(owner: Owner, ...events: ProgenyEvent[]): void;
  /** A parent with this many children. */
  create(count?: number, owner?: Owner): Promise<string>;
  /** The value of a metric without labels of its own. */
  measured(name: string): Promise<number>;
  /** Resolves when the gateway has this many connections. */
  untilConnections(count: number): Promise<void>;
  /** Another gateway beside it, on the same ledger and bus; the answer is its port. */
  startReplica(): Promise<number>;
  stop(): Promise<void>;
  /** Stops, and cuts off every client that is left. Rejects where a client got what the protocol does not know. */
  close(): Promise<void>;
}

/** A gateway on a free port, on the ledger and the bus in memory. Clients that are still there at a stop leave soon. */
export async function createGatewayScene({
  env = {},
  store: given = (store: JobStore) => store,
}: {
  env?: Record<string, string>;
  store?: (store: JobStore) => JobStore;
} = {}): Promise<GatewayScene> {
  const harness = await createMemoryHarness();
  const { store } = harness;
  const hub = createMemoryHub();
  const publisher = createMemoryEventBus({ hub });
  const metrics = createMetrics({ service: 'ws-gateway' });
  const start = async (metricsOfIt = metrics) => {
    const gateway = createGateway({
      config: readConfig(gatewayConfigSchema, {
        GATEWAY_PORT: '0',
        POLL_INTERVAL_MS: '3600000',
        DRAIN_TIME_MS: '20',
        ...env,
      }),
      store: given(store),
      bus: createMemoryEventBus({ hub }),
      log: createLog({ service: 'test', level: 'silent' }),
      metrics: metricsOfIt,
    });
    await gateway.start();
    return gateway;
  };
  const gateway = await start();
  const gateways = [gateway];
  const ends: (() => void)[] = [];
  const faults: unknown[] = [];
  const publishOf = ({ tenantId, userId }: Owner, ...events: ProgenyEvent[]) => {
    for (const event of events) {
      publisher.publish({ tenantId, event, headers: { [USER_HEADER]: userId } });
    }
  };
  const measured = async (name: string) => {
    const { text } = await metrics.render();
    return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1]);
  };
  return {
    harness,
    store,
    port: gateway.port(),
    async connect({ port = gateway.port(), ...options } = {}) {
      const client = await connectClient(`ws://127.0.0.1:${port}/ws`, options, (fault) => faults.push(fault));
      ends.push(() => client.socket.terminate());
      return client;
    },
    async raw(options) {
      const socket = await openRaw(gateway.port(), options);
      ends.push(() => socket.tcp.destroy());
      return socket;
    },
    async stream(path, headers) {
      const stream = await openStream(gateway.port(), path, headers);
      ends.push(() => stream.response.destroy());
      return stream;
    },
    publish: (...events) => publishOf(LOCAL, ...events),
    publishOf,
    async create(count = 1, owner = LOCAL) {
      const { job } = await store.createParent(newParent(numbered(count), { sealed: true, owner }));
      return job.job_id;
    },
    measured,
    async untilConnections(count) {
      while ((await measured('connections')) !== count) await new Promise(setImmediate);
    },
    async startReplica() {
      const replica = await start(createMetrics({ service: 'ws-gateway' }));
      gateways.push(replica);
      return replica.port();
    },
    stop: () => gateway.stop(),
    async close() {
      for (const end of ends) end();
      await Promise.all(gateways.map((each) => each.stop()));
      await publisher.close();
      if (faults.length > 0) throw faults[0];
    },
  };
}
