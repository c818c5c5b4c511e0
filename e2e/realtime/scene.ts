import path from 'node:path';
import { freePort } from '@progeny/infra';
import { type Build, buildServices } from '../faults/stack/build-services.ts';
import type { Mutation } from '../faults/stack/mutation.ts';
import { type Replica, startReplica } from '../faults/stack/replica.ts';
import { type Stack, startStack } from '../faults/stack/stack.ts';
import { type Feed, openFeed } from './feed.ts';

/** PostgreSQL, NATS, somebody who works and folds, and as many gateways as each proof wants. */
export interface Scene {
  readonly seed: number;
  readonly stack: Stack;
  readonly feed: Feed;
  /** Gateways that are ready, for as long as `prove` takes. */
  withGateways<Answer>(
    options: GatewayOptions,
    prove: (gateways: Replica[]) => Promise<Answer>,
  ): Promise<Answer>;
  /** Gateways that ended though nobody had told them to. */
  readonly ownEnds: readonly string[];
  close(): Promise<void>;
}

export interface GatewayOptions {
  count: number;
  /** Settings of docs/OPERATIONS.md. */
  env?: Readonly<Record<string, string>>;
  /** The product with one thing wrong. */
  mutation?: Mutation;
}

const READY_WITHIN_MS = 60_000;
const NO_SERVICE = { manager: 0, 'parent-executor': 0, 'ws-gateway': 0, 'crawl-worker': 0 };

/** With a mutation every gateway has one thing wrong. */
export async function openScene(seed: number, own?: Mutation): Promise<Scene> {
  const sound = await buildServices(['ws-gateway'], own);
  process.once('exit', sound.remove);
  const stack = await startStack({ build: sound.files as Build, seed, replicas: NO_SERVICE, env: {} });
  const feed = openFeed(stack);
  const ownEnds: string[] = [];
  let started = 0;

  const start = async (script: string, env: Readonly<Record<string, string>>) => {
    started += 1;
    const name = `gateway ${started}`;
    const port = await freePort();
    return startReplica({
      service: 'ws-gateway',
      name,
      script,
      port,
      logFile: path.join(stack.folder, `gateway-${started}.log`),
      onOwnEnd: (how) => ownEnds.push(how),
      env: {
        ...process.env,
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        DATABASE_URL: stack.databaseUrl,
        NATS_URL: stack.natsUrl,
        GATEWAY_PORT: String(port),
        ...env,
      },
    });
  };

  return {
    seed,
    stack,
    feed,
    ownEnds,
    async withGateways({ count, env = {}, mutation }, prove) {
      const broken = mutation ? await buildServices(['ws-gateway'], mutation) : null;
      const script = (broken ?? sound).files['ws-gateway'] ?? '';
      const gateways = await Promise.all(Array.from({ length: count }, () => start(script, env)));
      const endAll = () => Promise.all(gateways.map((gateway) => gateway.end()));
      process.once('exit', endAll);
      try {
        await Promise.all(gateways.map((gateway) => gateway.ready(READY_WITHIN_MS)));
        return await prove(gateways);
      } finally {
        await endAll();
        process.removeListener('exit', endAll);
        broken?.remove();
      }
    },
    async close() {
      await feed.close();
      await stack.end({ keepFolder: false });
      process.removeListener('exit', sound.remove);
      sound.remove();
    },
  };
}

export const socketUrlOf = ({ url }: Replica): string => `${url.replace('http', 'ws')}/ws`;
