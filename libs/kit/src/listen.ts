import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** A port that somebody else listens on; names the variable that sets another. */
export class PortTakenError extends Error {
  readonly code = 'port_taken';

  constructor(
    readonly port: number,
    portVariable: string,
  ) {
    super(`port ${port} is taken by another program; set ${portVariable} to a free one`);
    this.name = 'PortTakenError';
  }
}

/** Connections of each server that stand. */
const connections = new WeakMap<Server, Set<Socket>>();

/** Listens and resolves with the port, which matters when 0 was asked for. Rejects with PortTakenError. */
export function listen(
  server: Server,
  { host, port, portVariable }: { host: string; port: number; portVariable: string },
): Promise<number> {
  const standing = new Set<Socket>();
  connections.set(server, standing);
  server.on('connection', (socket: Socket) => {
    standing.add(socket);
    socket.once('close', () => standing.delete(socket));
  });
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(port, portVariable) : error);
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

const IDLE_SWEEP_MS = 20;

/** Takes no more, ends what idles, and resolves when the last request has ended. */
export function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    // Browsers connect ahead of a request that may never come; to Node such a connection does not idle.
    for (const socket of connections.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
    // A connection whose last answer has just left idles only now, and would be kept for its keep-alive time.
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    server.close(() => {
      clearInterval(sweep);
      resolve();
    });
  });
}
