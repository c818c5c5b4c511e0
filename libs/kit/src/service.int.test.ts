import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { closeServer, listen } from './listen.ts';

interface Line {
  level: number;
  msg: string;
  code?: string;
  reason?: string;
}

interface Sample {
  child: ChildProcess;
  /** Resolves with the first line that says this. */
  said(message: string): Promise<Line>;
  /** The exit code and all that was said. */
  ended: Promise<{ code: number | null; lines: Line[] }>;
}

const started = new Set<ChildProcess>();

function startSample(env: Record<string, string> = {}): Sample {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'testing/sample-process.ts')], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  started.add(child);
  const lines: Line[] = [];
  const reader = createInterface({ input: child.stdout ?? process.stdin });
  reader.on('line', (text) => lines.push(JSON.parse(text)));
  const closed = once(reader, 'close');
  const exited = once(child, 'exit');
  return {
    child,
    async said(message) {
      for (;;) {
        const found = lines.find(({ msg }) => msg === message);
        if (found) return found;
        const next = await Promise.race([once(reader, 'line'), closed.then(() => 'closed')]);
        if (next === 'closed') throw new Error(`ended without saying "${message}": ${JSON.stringify(lines)}`);
      }
    },
    ended: Promise.all([exited, closed]).then(([[code]]) => ({ code, lines })),
  };
}

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the process with 0 after its stop', async (signal) => {
  const { child, said, ended } = startSample();
  await said('started');
  child.kill(signal);
  const { code, lines } = await ended;
  expect(code).toBe(0);
  expect(lines.map(({ msg }) => msg)).toEqual(['started', 'stopping', 'stopped']);
});

test('a second signal ends a stop that hangs, with 1', async () => {
  const { child, said, ended } = startSample({ STOP: 'never' });
  await said('started');
  child.kill('SIGTERM');
  await said('stopping');
  child.kill('SIGTERM');
  expect((await ended).code).toBe(1);
});

test('a stop that fails ends the process with 1 and says why', async () => {
  const { child, said, ended } = startSample({ STOP: 'throws' });
  await said('started');
  child.kill('SIGTERM');
  expect((await ended).code).toBe(1);
  await said('could not stop cleanly');
});

test('a process whose supervisor is gone stops by itself', async () => {
  const { child, said, ended } = startSample();
  await said('started');
  child.disconnect();
  expect((await ended).code).toBe(0);
  expect((await said('stopping')).reason).toBe('the supervisor is gone');
});

test('a supervisor that leaves in the middle of a stop does not cut it short', async () => {
  const { child, said, ended } = startSample({ STOP: 'after disconnect' });
  await said('started');
  child.kill('SIGTERM');
  await said('stopping');
  child.disconnect();
  expect((await ended).code).toBe(0);
});

test('a fault in the configuration ends the process with 1 and plain words', async () => {
  const { ended, said } = startSample({ SAMPLE_PORT: 'x', STOP: 'sometime' });
  const { code, lines } = await ended;
  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ code: 'invalid_config', level: 60 });
  expect(lines[0]?.msg).toMatch(
    /^the configuration is not usable:\n {2}SAMPLE_PORT is not a number\n {2}STOP /,
  );
  expect(lines[0]).not.toHaveProperty('err');
  await said(lines[0]?.msg ?? '');
});

test('a taken port ends the process with 1 and names the variable that sets another', async () => {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0, portVariable: 'ANY' });
  const { code, lines } = await startSample({ SAMPLE_PORT: String(port) }).ended;
  expect(code).toBe(1);
  expect(lines.map(({ msg }) => msg)).toEqual([
    `port ${port} is taken by another program; set SAMPLE_PORT to a free one`,
  ]);
  await closeServer(server);
});

test('a start that fails ends the process with 1', async () => {
  const { ended, said } = startSample({ FAULT: 'start' });
  expect((await ended).code).toBe(1);
  await said('could not start');
});

test('a stray rejection stops the process in order, with 1', async () => {
  const { ended } = startSample({ FAULT: 'later' });
  const { code, lines } = await ended;
  expect(code).toBe(1);
  expect(lines.map(({ msg }) => msg)).toEqual(['started', 'uncaught exception', 'stopping', 'stopped']);
});
