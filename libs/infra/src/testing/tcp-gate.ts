import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server on this machine that a test can shut: whoever goes through it finds the server away. */
export interface TcpGate {
  /** The server's URL, through the gate. */
  url: string;
  /** Breaks every connection and refuses new ones. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** Opens a gate on a free port before the server of this URL. Shut it in the end. */
export async function openTcpGate(serverUrl: string): Promise<TcpGate> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const hold = (socket: Socket, other: () => Socket) => {
    sockets.add(socket);
    // Else each message waits for the other side's acknowledgement of the one before.
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      other().destroy();
    });
  };
  const listenOn = async (port: number): Promise<Server> => {
    const server = createServer((near) => {
      const far: Socket = connect({ host: target.hostname, port: Number(target.port) });
      hold(near, () => far);
      hold(far, () => near);
      near.pipe(far).pipe(near);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };

  let server: Server | undefined = await listenOn(0);
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the system gave no port');
  const { port } = address;
  return {
    url: Object.assign(new URL(serverUrl), { hostname: '127.0.0.1', port: String(port) }).href,
    async shut() {
      if (!server) return;
      const closed = once(server, 'close');
      server.close();
      server = undefined;
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async open() {
      server ??= await listenOn(port);
    },
  };
}
