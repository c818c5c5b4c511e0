import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BusHarness } from '@progeny/event-bus/contract-suite';
import { startNatsServer } from '@progeny/infra';
import { connectNatsEventBus } from '../nats-event-bus.ts';

export interface NatsHarness extends BusHarness {
  readonly url: string;
}

/** A real server of its own, on a free port, with JetStream. */
export async function createNatsHarness(): Promise<NatsHarness> {
  const storeDir = await mkdtemp(join(tmpdir(), 'progeny-bus-'));
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  // Tests that ran before in this process may have left some, which is not for these to tell.
  const before = sockets();
  let server = await startNatsServer({ port: 0, storeDir });
  const { url, port } = server;
  return {
    url,
    async connect(options) {
      const bus = connectNatsEventBus({ url, name: 'test', ...options });
      await bus.connected;
      return bus;
    },
    sendRaw: (subject, text) => sendRaw(port, subject, text),
    restart: {
      stop: () => server.stop(),
      async start() {
        server = await startNatsServer({ port, storeDir });
      },
    },
    async assertNothingLeft() {
      // A closed socket leaves the list a moment later.
      while (sockets() > before) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async close() {
      await server.stop();
      await rm(storeDir, { recursive: true });
    },
  };
}

/** As somebody with nothing but a socket would; resolves when the server has taken it. */
function sendRaw(port: number, subject: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.on('data', (data) => {
      if (data.includes('PONG')) socket.end();
    });
    const payload = `${Buffer.byteLength(text)}\r\n${text}\r\n`;
    socket.write(`CONNECT {"verbose":false}\r\nPUB ${subject} ${payload}PING\r\n`);
  });
}
