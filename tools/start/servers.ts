import {
  findNatsServer,
  type InstallLog,
  installNatsServer,
  isNatsAnswering,
  startNatsServer,
  startPostgresServer,
} from '@progeny/infra';
import { onUsualPort } from './ports.ts';
import type { StateFolder } from './state-folder.ts';

/** Where the embedded servers listen when nobody else does; the services look there by default. */
const POSTGRES_PORT = 4032;
const NATS_PORT = 4222;

/** A server of ours that runs, or one of the user's. */
export interface Server {
  url: string;
  /** For the user: what and where. */
  detail: string;
  stop(): Promise<void>;
  /** Resolves when a server of ours ended without being asked to; never for one of the user's. */
  ended: Promise<void>;
}

const NOT_OURS = { stop: () => Promise.resolve(), ended: new Promise<void>(() => {}) };

export async function startDatabase(folder: StateFolder, databaseUrl: string | undefined): Promise<Server> {
  if (databaseUrl) {
    return { url: databaseUrl, detail: `${hostOf(databaseUrl)}, from DATABASE_URL`, ...NOT_OURS };
  }
  const server = await onUsualPort(POSTGRES_PORT, (port) =>
    startPostgresServer({ dataDir: folder.at('postgres'), port, logFile: folder.at('logs/postgres.log') }),
  );
  folder.record('servers', { name: 'postgres', pid: server.pid, sign: `-D ${server.folder} ` });
  const elsewhere = server.folder === folder.at('postgres') ? '' : `, data in ${server.folder}`;
  return {
    url: server.url,
    detail: `${hostOf(server.url)}, embedded${elsewhere}`,
    stop: () => server.stop(),
    ended: server.exited,
  };
}

export class NatsAwayError extends Error {
  readonly code = 'nats_away';

  constructor(url: string) {
    super(`no NATS server answers at ${url}, which NATS_URL names`);
    this.name = 'NatsAwayError';
  }
}

/** `reason` is null when nobody wanted a server. */
export type Messaging = { server: Server } | { server: null; reason: string | null };

/** NATS: the one of NATS_URL, else one of our own; null with the reason when this machine has none. */
export async function startMessaging(
  folder: StateFolder,
  { without, natsUrl, log }: { without: boolean; natsUrl: string | undefined; log: InstallLog },
): Promise<Messaging> {
  if (without) return { server: null, reason: null };
  if (natsUrl) {
    if (!(await isNatsAnswering(natsUrl))) throw new NatsAwayError(natsUrl);
    return { server: { url: natsUrl, detail: `${hostOf(natsUrl)}, from NATS_URL`, ...NOT_OURS } };
  }
  if (!(await findNatsServer())) {
    const installed = await installNatsServer({ log });
    if (installed.path === null) return { server: null, reason: installed.reason };
  }
  const storeDir = folder.at('nats');
  const server = await onUsualPort(NATS_PORT, (port) =>
    startNatsServer({ port, storeDir, logFile: folder.at('logs/nats.log') }),
  );
  folder.record('servers', { name: 'nats', pid: server.pid, sign: storeDir });
  return {
    server: {
      url: server.url,
      detail: `${hostOf(server.url)}, JetStream`,
      stop: () => server.stop(),
      ended: server.exited.then(() => {}),
    },
  };
}

/** What to say where no `nats-server` can be had. */
export const WAYS_TO_NATS = `
  NATS carries the events between the services. To have it, one of
    apt-get install nats-server            Debian, Ubuntu, as root
    brew install nats-server               macOS
    https://github.com/nats-io/nats-server/releases
    NATS_URL=nats://host:4222 npm start    one that runs already
`;

const hostOf = (url: string) => new URL(url).host;
