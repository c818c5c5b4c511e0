import type { Random } from '../random.ts';
import type { Chaos } from '../services/chaotic-bus.ts';
import { SERVICES, type ServiceName } from '../stack/build-services.ts';
import type { Replica } from '../stack/replica.ts';
import type { Server } from '../stack/server.ts';
import type { Stack } from '../stack/stack.ts';
import { holdTransaction } from './held-transaction.ts';

/** Something that breaks, for so long. */
export interface Fault {
  /** With its target: `kill manager 2`. */
  name: string;
  /** Of one kind one goes on at a time. */
  kind: string;
  holdMs: number;
  act(stack: Stack): Promise<void>;
  end(stack: Stack): Promise<void>;
}

/** How long things stay broken, in the short form and in the long. */
export interface FaultTimes {
  /** Longer than the lease. */
  frozenMs: readonly [min: number, max: number];
  natsAwayMs: readonly number[];
  postgresAwayMs: number;
  disturbedMs: number;
  transactionMs: number;
}

/** One fault of every kind, in the order of a book; which replica and how long is drawn. */
export function oneOfEachKind(
  random: Random,
  { times, replicas }: { times: FaultTimes; replicas: Readonly<Record<ServiceName, number>> },
): Fault[] {
  const numberOf = (service: ServiceName) => random.int(1, replicas[service]);
  const natsEnds = random.shuffled(['kill', 'stop'] as const);
  return [
    ...SERVICES.map((service) => killReplica(service, numberOf(service))),
    ...times.natsAwayMs.map((awayMs, index) => serverAway('nats', natsEnds[index % 2] ?? 'kill', awayMs)),
    serverAway('postgres', 'stop', times.postgresAwayMs),
    serverAway('postgres', 'kill', times.postgresAwayMs),
    ...random
      .shuffled(SERVICES)
      .slice(0, 1)
      .map((service) => freezeReplica(service, numberOf(service), random.int(...times.frozenMs))),
    disturbEvents('doubled', { dropped: 0, doubled: 0.3, delayMaxMs: 0 }, times.disturbedMs),
    disturbEvents('dropped', { dropped: 0.05, doubled: 0, delayMaxMs: 0 }, times.disturbedMs),
    disturbEvents('shuffled', { dropped: 0, doubled: 0, delayMaxMs: 400 }, times.disturbedMs),
    heldTransaction(times.transactionMs),
  ];
}

const replicaOf = (stack: Stack, service: ServiceName, index: number): Replica => {
  const replica = stack.replicasOf(service)[index - 1];
  if (!replica) throw new RangeError(`there is no ${service} ${index}`);
  return replica;
};

const killReplica = (service: ServiceName, index: number): Fault => ({
  name: `kill -9 ${service} ${index}`,
  kind: `kill -9 ${service}`,
  holdMs: 0,
  act: async (stack) => replicaOf(stack, service, index).kill(),
  end: async () => {},
});

const freezeReplica = (service: ServiceName, index: number, holdMs: number): Fault => ({
  name: `freeze ${service} ${index} for ${holdMs / 1000} s`,
  kind: 'freeze',
  holdMs,
  act: async (stack) => replicaOf(stack, service, index).freeze(),
  end: async (stack) => replicaOf(stack, service, index).thaw(),
});

const SERVER_KINDS = {
  nats: { stop: 'nats-server SIGTERM', kill: 'nats-server kill -9' },
  postgres: { stop: 'PostgreSQL restart', kill: 'PostgreSQL kill -9' },
};

const serverAway = (which: 'nats' | 'postgres', how: 'stop' | 'kill', holdMs: number): Fault => {
  const serverOf = (stack: Stack): Server => stack[which];
  return {
    name: `${SERVER_KINDS[which][how]}, ${holdMs / 1000} s away`,
    kind: which,
    holdMs,
    act: (stack) => serverOf(stack)[how](),
    end: (stack) => serverOf(stack).start(),
  };
};

const disturbEvents = (what: string, chaos: Chaos, holdMs: number): Fault => ({
  name: `events ${what} for ${holdMs / 1000} s`,
  kind: 'events',
  holdMs,
  act: async (stack) => stack.disturb(chaos),
  end: async (stack) => stack.disturb(null),
});

function heldTransaction(holdMs: number): Fault {
  let release: (() => Promise<void>) | undefined;
  return {
    name: `a transaction held open for ${holdMs / 1000} s`,
    // PostgreSQL away would end it.
    kind: 'postgres',
    holdMs,
    async act(stack) {
      release = await holdTransaction(stack.databaseUrl);
    },
    async end() {
      await release?.();
    },
  };
}
