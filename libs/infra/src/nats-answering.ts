import { connect } from 'node:net';

const ANSWER_TIMEOUT_MS = 2_000;

/** True when a NATS server greets at the URL: `INFO` is the first thing that any NATS server says. Never rejects. */
export function isNatsAnswering(url: string): Promise<boolean> {
  const { host, port } = natsAddress(url);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (answering: boolean) => {
      socket.destroy();
      resolve(answering);
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => answer(false));
    socket.once('data', (greeting) => answer(greeting.toString('latin1').startsWith('INFO ')));
    socket.once('error', () => answer(false));
    socket.once('close', () => resolve(false));
  });
}

function natsAddress(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url.includes('://') ? url : `nats://${url}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 4222) };
}
