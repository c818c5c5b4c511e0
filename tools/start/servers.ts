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
export const POSTGRES_PORT = 4032;
export const NATS_PORT = 4222;

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

/** `again` names the port of the server that ended, and brings another up there. */
export async function startDatabase(
  folder: StateFolder,
  { databaseUrl, again }: { databaseUrl: string | undefined; again?: Server },
): Promise<Server> {
  if (databaseUrl) {
    return { url: databaseUrl, detail: `${hostOf(databaseUrl)}, from DATABASE_URL`, ...NOT_OURS };
  }
  const start = (port: number) =>
    startPostgresServer({ dataDir: folder.at('postgres'), port, logFile: folder.at('logs/postgres.log') });
  const server = again ? await start(portOf(again)) : await onUsualPort(POSTGRES_PORT, start);
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
  return { server: await startNats(folder) };
}

/** A NATS server of our own; `again` as for the database. */
export async function startNats(folder: StateFolder, again?: Server): Promise<Server> {
  const storeDir = folder.at('nats');
  const start = (port: number) => startNatsServer({ port, storeDir, logFile: folder.at('logs/nats.log') });
  const server = again ? await start(portOf(again)) : await onUsualPort(NATS_PORT, start);
  folder.record('servers', { name: 'nats', pid: server.pid, sign: storeDir });
  return {
    url: server.url,
    detail: `${hostOf(server.url)}, JetStream`,
    stop: () => server.stop(),
    ended: server.exited.then(() => {}),
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

const portOf = ({ url }: Server) => Number(new URL(url).port);
const hostOf = (url: string) => new URL(url).host;
