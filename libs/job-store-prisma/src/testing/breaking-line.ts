import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Pool } from 'pg';

/** A way to the database that breaks at a chosen place. */
export interface BreakingLine {
  /** The database at this end of the line. */
  url: string;
  /**
   * From now on, after the server has carried out statement number `statement` (from 1), whatever the connection, that
   * connection's backend is terminated and gone before the client knows; its answer never arrives. Once.
   */
  breakAt(statement: number): void;
  /** Whether it broke since `breakAt`; the line is whole from now on. */
  mend(): boolean;
  close(): Promise<void>;
}

const READY_FOR_QUERY = 'Z';
const BACKEND_KEY = 'K';

/** `admin` reaches the same server directly, with the right to terminate backends. */
export async function createBreakingLine(databaseUrl: string, admin: Pool): Promise<BreakingLine> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let statementsLeft = Number.POSITIVE_INFINITY;
  let broke = false;

  const terminate = async (pid: number, { client, database }: { client: Socket; database: Socket }) => {
    broke = true;
    const gone = once(database, 'close');
    await admin.query('SELECT pg_terminate_backend($1)', [pid]);
    // A backend rolls back before it lets go of its socket.
    await gone;
    client.destroy();
  };

  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    const ends = [client, database];
    let isReady = false;
    let isCut = false;
    let pid = 0;
    const forward = createMessageReader(({ type, body, bytes }) => {
      if (isCut) return;
      if (type === BACKEND_KEY) pid = body.readInt32BE(0);
      // The first says that the connection stands; each one after it ends a statement.
      if (type === READY_FOR_QUERY && isReady) {
        statementsLeft -= 1;
        isCut = statementsLeft === 0;
      }
      if (type === READY_FOR_QUERY) isReady = true;
      if (isCut) void terminate(pid, { client, database });
      else client.write(bytes);
    });
    client.on('data', (bytes) => database.write(bytes));
    database.on('data', forward);
    for (const end of ends) {
      // Else each message waits for the other side's acknowledgement of the one before.
      end.setNoDelay(true);
      sockets.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        sockets.delete(end);
        if (!isCut) for (const other of ends) other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: `${port}` }).href,
    breakAt(statement) {
      statementsLeft = statement;
      broke = false;
    },
    mend() {
      statementsLeft = Number.POSITIVE_INFINITY;
      return broke;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

interface Message {
  type: string;
  body: Buffer;
  /** All of it, as it came. */
  bytes: Buffer;
}

const HEADER_BYTES = 5;

/** Cuts what the server sends into messages: a letter, the length of the rest in four bytes, the rest. */
function createMessageReader(onMessage: (message: Message) => void): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= HEADER_BYTES && held.length > held.readInt32BE(1)) {
      const end = held.readInt32BE(1) + 1;
      const bytes = held.subarray(0, end);
      held = held.subarray(end);
      onMessage({ type: bytes.toString('latin1', 0, 1), body: bytes.subarray(HEADER_BYTES), bytes });
    }
  };
}
