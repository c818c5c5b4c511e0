import { freePort } from '@progeny/infra';
import { WebSocket } from 'ws';
import { z } from 'zod';

/** What an answer of the inspector has that is read here. */
const answerSchema = z.object({
  id: z.int(),
  error: z.object({ message: z.string() }).optional(),
  result: z.object({ result: z.object({ value: z.string() }).optional() }).optional(),
});
const memorySchema = z.object({ heapUsed: z.number(), external: z.number() });
const targetsSchema = z.array(z.object({ webSocketDebuggerUrl: z.url() })).min(1);

/** The inspector of a process of Node.js. */
export interface Inspector {
  /** How Node.js is to be started so that this inspector gets in. */
  execArgv: readonly string[];
  /** Collects garbage; resolves with the bytes that are still used, with those of buffers. */
  usedBytes(): Promise<number>;
}

export async function createInspector(): Promise<Inspector> {
  const address = `127.0.0.1:${await freePort()}`;
  return {
    execArgv: ['--enable-source-maps', `--inspect=${address}`],
    async usedBytes() {
      const response = await fetch(`http://${address}/json/list`, { headers: { connection: 'close' } });
      const [target] = targetsSchema.parse(await response.json());
      const session = await openSession(target?.webSocketDebuggerUrl ?? '');
      try {
        // What the first collection finalizes is free for the second.
        await session.ask('HeapProfiler.collectGarbage');
        await session.ask('HeapProfiler.collectGarbage');
        const memory = await session.ask('Runtime.evaluate', {
          expression: 'JSON.stringify(process.memoryUsage())',
        });
        const { heapUsed, external } = memorySchema.parse(JSON.parse(memory ?? ''));
        return heapUsed + external;
      } finally {
        session.close();
      }
    },
  };
}

/** One at a time is asked, so each answer is to the question before it. */
async function openSession(url: string) {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let id = 0;
  return {
    ask: (method: string, params: object = {}) =>
      new Promise<string | undefined>((resolve, reject) => {
        id += 1;
        socket.once('error', reject);
        socket.once('message', (data) => {
          const { error, result } = answerSchema.parse(JSON.parse(String(data)));
          if (error) reject(new Error(`${method}: ${error.message}`));
          else resolve(result?.result?.value);
        });
        socket.send(JSON.stringify({ id, method, params }));
      }),
    close: () => socket.terminate(),
  };
}
