import { HELP, parseOptions, type StartOptions } from './options.ts';

const optionsOf = (args: string[], env: Record<string, string> = {}): StartOptions => {
  const parsed = parseOptions(args, env);
  if (parsed.kind !== 'start') throw new Error(JSON.stringify(parsed));
  return parsed.options;
};
const faultsOf = (args: string[], env: Record<string, string> = {}): string[] => {
  const parsed = parseOptions(args, env);
  return parsed.kind === 'fault' ? parsed.faults : [];
};

test('without anything it crawls the demo on the usual ports', () => {
  expect(optionsOf([])).toEqual({
    crawlUrl: null,
    demo: true,
    once: false,
    reset: false,
    infraOnly: false,
    build: true,
    singleProcess: false,
    managerPort: 4000,
    gatewayPort: 4001,
    executorPort: 4002,
    workerPort: 4003,
    replicas: { manager: 1, 'parent-executor': 1, 'ws-gateway': 1, 'crawl-worker': 1 },
  });
});

test('an address replaces the demo', () => {
  const options = optionsOf(['https://site.example/', '--once']);
  expect(options).toMatchObject({ crawlUrl: 'https://site.example/', demo: false, once: true });
});

test.each(['--no-demo', '--infra'])('%s crawls nothing', (flag) => {
  expect(optionsOf([flag])).toMatchObject({ demo: false, crawlUrl: null });
});

test('a flag goes before the environment, and an empty variable counts as none', () => {
  expect(optionsOf(['--port', '5000'], { MANAGER_PORT: '6000', GATEWAY_PORT: '' })).toMatchObject({
    managerPort: 5000,
    gatewayPort: 4001,
  });
  expect(optionsOf([], { MANAGER_PORT: '6000', WORKER_PORT: '0' })).toMatchObject({
    managerPort: 6000,
    workerPort: 0,
  });
});

test('all faults are told together', () => {
  expect(faultsOf(['ftp://site.example/', '--port', 'web'], { EXECUTOR_PORT: '70000' })).toEqual([
    '--port is not a port: web',
    'EXECUTOR_PORT is not a port: 70000',
    'not an http or https address: ftp://site.example/',
  ]);
});

test.each([
  [['--once', '--no-demo'], '--once needs something to crawl'],
  [['http://a.example/', '--infra'], 'an address to crawl does not go with --infra or --no-demo'],
  [['http://a.example/', 'http://b.example/'], 'one address at a time, not 2'],
  [['--infra', '--single-process'], '--infra does not go with --single-process'],
  [['--infra', '--replicas', 'manager=2'], '--replicas does not go with --infra or --single-process'],
  [['--single-process', '--replicas=manager=2'], '--replicas does not go with --infra or --single-process'],
  [['--speed'], "Unknown option '--speed'"],
])('%j is refused', (args, fault) => {
  expect(faultsOf(args)).toEqual([fault]);
});

test('help is asked for in two ways, and names every option', () => {
  expect(parseOptions(['--help'], {})).toEqual({ kind: 'help' });
  expect(parseOptions(['-h'], {})).toEqual({ kind: 'help' });
  for (const option of [
    '--no-demo',
    '--once',
    '--reset',
    '--infra',
    '--port',
    '--gateway-port',
    '--replicas',
    'NATS_URL',
  ]) {
    expect(HELP).toContain(option);
  }
});
