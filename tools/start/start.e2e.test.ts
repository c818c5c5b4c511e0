import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandOf, workspaceRoot } from '@progeny/infra';

const root = workspaceRoot();
const run = promisify(execFile);
const START_TIMEOUT_MS = 120_000;
jest.setTimeout(START_TIMEOUT_MS * 2);

interface Run {
  pid: number;
  page: string;
  servers: { name: string; pid: number }[];
  services: { name: string; pid: number }[];
}

/** `npm start` as npm runs it, with its output. */
class Start {
  readonly launcher: ChildProcess;
  output = '';
  #listeners: (() => void)[] = [];

  constructor(
    readonly folder: string,
    args: readonly string[],
  ) {
    this.launcher = spawn(process.execPath, ['tools/start.mjs', ...args], {
      cwd: root,
      env: {
        ...process.env,
        ...{
          PROGENY_DIR: folder,
          MANAGER_PORT: '0',
          GATEWAY_PORT: '0',
          EXECUTOR_PORT: '0',
          WORKER_PORT: '0',
        },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.launcher.stdout, this.launcher.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += chunk;
        for (const listener of this.#listeners) listener();
      });
    }
    this.launcher.once('close', () => {
      for (const listener of this.#listeners) listener();
    });
  }

  /** Waits for a text in the output; fails when the launcher ends before. */
  says(text: string | RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.output.search(text) !== -1 || (typeof text === 'string' && this.output.includes(text)))
          resolve();
        else if (this.launcher.exitCode !== null || this.launcher.signalCode) reject(new Error(this.output));
      };
      this.#listeners.push(look);
      look();
    });
  }

  async end(): Promise<number | null> {
    if (this.launcher.exitCode === null && this.launcher.signalCode === null)
      await once(this.launcher, 'close');
    return this.launcher.exitCode;
  }

  async run(): Promise<Run> {
    return JSON.parse(await readFile(path.join(this.folder, 'run.json'), 'utf8'));
  }

  async pids(): Promise<number[]> {
    const { pid, servers, services } = await this.run();
    return [pid, ...[...servers, ...services].map((own) => own.pid)];
  }
}

let folder: string;
const starts: Start[] = [];

/** What the first test builds is what the others start. */
function start(args: readonly string[], { build = false } = {}): Start {
  const started = new Start(folder, build ? args : ['--no-build', ...args]);
  starts.push(started);
  return started;
}

/** Processes that are not our children end without telling us. */
async function allGone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (pids.some((pid) => commandOf(pid))) {
    if (Date.now() > deadline)
      throw new Error(`still there: ${pids.map((pid) => commandOf(pid)).join('; ')}`);
    await delay(50);
  }
}

/** A service tells that it found its neighbours again only when it is asked. */
async function untilOk(url: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await fetch(url)).ok) {
    if (Date.now() > deadline) throw new Error(`${url} is not ready`);
    await delay(100);
  }
}

async function newFolder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'progeny-start-'));
  await chmod(made, 0o755); // as root PostgreSQL runs as somebody else, who has to get in
  return made;
}

beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  for (const started of starts.splice(0)) {
    started.launcher.kill('SIGTERM');
    await started.end();
  }
  await rm(folder, { recursive: true });
});

test.each([
  ['as separate processes', [], 'manager, parent-executor, ws-gateway, crawl-worker'],
  ['in a single process without NATS', ['--single-process'], 'all-in-one'],
])('--once crawls the demo site %s, and leaves nothing behind', async (_how, args, services) => {
  const once = start(['--once', ...args], { build: true });
  await once.says('Watch it');
  const pids = await once.pids();
  expect(await once.end()).toBe(0);
  expect(once.output).toContain(services);
  expect(once.output).toMatch(/\d+ pending, \d+ running, \d+ completed, \d+ failed/);
  expect(once.output).toMatch(/100 % {2}0 pending, 0 running, \d+ completed, \d+ failed/);
  expect(once.output).toContain('as many as rows in PostgreSQL, bucket by bucket');
  expect(pids.filter((pid) => commandOf(pid))).toEqual([]);
  await expect(once.run()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a crawl that cannot succeed makes --once exit 1, and --reset clears it away', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const once = start([`http://127.0.0.1:${port}/`, '--once']);
  expect(await once.end()).toBe(1);
  expect(once.output).toMatch(/failed in \d/);
  await new Promise((resolve) => server.close(resolve));

  const cleared = start(['--no-demo', '--reset']);
  await cleared.says('Up till Ctrl-C');
  const { jobs } = await (await fetch(`${(await cleared.run()).page}/v1/jobs`)).json();
  expect(jobs).toEqual([]);
});

test('a taken port is named with its service, before anything is started', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const refused = start([`--port=${port}`]);
  expect(await refused.end()).toBe(1);
  expect(refused.output.trim()).toBe(
    `port ${port} (manager) is taken by another program; set MANAGER_PORT or --port`,
  );
  await new Promise((resolve) => other.close(resolve));
});

test('--infra starts the two servers alone, migrated, and says how to reach them', async () => {
  const infra = start(['--infra']);
  await infra.says(/export DATABASE_URL=postgresql:\/\/\S+ NATS_URL=nats:\/\/\S+/);
  const { services, servers } = await infra.run();
  expect(services).toEqual([]);
  expect(servers.map(({ name }) => name)).toEqual(['postgres', 'nats']);
});

describe('on data of before', () => {
  let before: string;
  beforeAll(async () => {
    before = await newFolder();
    const infra = new Start(before, ['--infra']);
    await infra.says('Up till Ctrl-C');
    infra.launcher.kill('SIGTERM');
    await infra.end();
  });
  beforeEach(async () => {
    await run('cp', ['-pR', `${before}/.`, folder]); // with its owner
  });
  afterAll(() => rm(before, { recursive: true }));

  test('Ctrl-C in the middle of a crawl stops everything in order, and the data are used again', async () => {
    const first = start([]);
    await first.says(/[1-9]\d* completed/);
    const pids = await first.pids();
    // One Ctrl-C reaches us twice: from the terminal, and handed on by npm.
    first.launcher.kill('SIGINT');
    first.launcher.kill('SIGINT');
    expect(await first.end()).toBe(0);
    expect(pids.filter((pid) => commandOf(pid))).toEqual([]);

    const second = start(['--no-demo']);
    await second.says('Up till Ctrl-C');
    expect(second.output).toContain('up to date');
    const { page } = await second.run();
    const { jobs } = await (await fetch(`${page}/v1/jobs`)).json();
    expect(jobs).toHaveLength(1);
  });

  test('killed servers come back where they were, and nothing that was written is lost', async () => {
    const first = start(['--no-demo']);
    await first.says('Up till Ctrl-C');
    const { page, servers } = await first.run();
    const create = () =>
      fetch(`${page}/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ type: 'custom', children: [{ key: 'a' }], sealed: true }),
      });
    expect((await create()).status).toBe(201);
    for (const { name, pid } of servers) {
      process.kill(pid, 'SIGKILL');
      await first.says(`${{ postgres: 'PostgreSQL', nats: 'NATS' }[name]} works again`);
    }
    await untilOk(`${page}/health/ready`);
    expect((await create()).status).toBe(201);
    const { jobs } = await (await fetch(`${page}/v1/jobs`)).json();
    expect(jobs).toHaveLength(2);
  });

  test('a killed service is started again, and a second start is told of the first', async () => {
    const first = start(['--no-demo']);
    await first.says('Up till Ctrl-C');
    const { page, services } = await first.run();
    const executor = services.find(({ name }) => name === 'parent-executor');
    process.kill(executor?.pid ?? 0, 'SIGKILL');
    await first.says('parent-executor ended (SIGKILL); starting it again in 0.5 s');
    await first.says('parent-executor works again');

    const second = start(['--no-demo']);
    expect(await second.end()).toBe(1);
    expect(second.output).toContain('Progeny runs here already');
    expect(second.output).toContain(page);
  });

  test('when the launcher is killed everything stops by itself', async () => {
    const killed = start(['--no-demo']);
    await killed.says('Up till Ctrl-C');
    const pids = await killed.pids();
    killed.launcher.kill('SIGKILL');
    await allGone(pids);
  });

  test('when the supervisor is killed the launcher stops what it left', async () => {
    const killed = start(['--no-demo']);
    await killed.says('Up till Ctrl-C');
    const pids = await killed.pids();
    process.kill((await killed.run()).pid, 'SIGKILL');
    expect(await killed.end()).toBe(1);
    await allGone(pids);
  });

  test('when both are killed the next start clears what they left, and loses no data', async () => {
    const killed = start(['--no-demo']);
    await killed.says('Up till Ctrl-C');
    const pids = await killed.pids();
    const { page, pid } = await killed.run();
    const custom = { type: 'custom', children: [{ key: 'a' }], sealed: true };
    const headers = { 'content-type': 'application/json' };
    const created = await fetch(`${page}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify(custom) });
    expect(created.status).toBe(201);
    killed.launcher.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');

    const next = start(['--no-demo']);
    await next.says('Up till Ctrl-C');
    const jobs = await (await fetch(`${(await next.run()).page}/v1/jobs`)).json();
    expect(jobs.jobs).toHaveLength(1);
    await allGone(pids);
  });
});
