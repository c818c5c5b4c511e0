import { parseArgs } from 'node:util';
import { parseReplicas, type Replicas } from './replicas.ts';

export interface StartOptions {
  /** What to crawl; null for the demo site. */
  crawlUrl: string | null;
  demo: boolean;
  once: boolean;
  reset: boolean;
  /** Build what has changed before the services start. */
  build: boolean;
  infraOnly: boolean;
  /** Without NATS, as where no server can be had. */
  singleProcess: boolean;
  managerPort: number;
  gatewayPort: number;
  executorPort: number;
  workerPort: number;
  replicas: Replicas;
}

export type ParsedOptions =
  | { kind: 'start'; options: StartOptions }
  | { kind: 'help' }
  | { kind: 'fault'; faults: string[] };

export const HELP = `
Usage: npm start [-- [url] [options]]

Gets PostgreSQL and NATS, starts the services, serves the page, and crawls a built-in
demo site, or the given one. Stays up till Ctrl-C. Everything it keeps is in .progeny/.

  npm start                              the demo
  npm start -- https://site.example/     crawl that instead
  npm start -- --once                    exit when the crawl has ended: 0 completed, 1 otherwise

Options
  --no-demo            only serve; crawl nothing
  --once               exit when the crawl has ended
  --reset              clear the data of earlier runs first
  --no-build           start the services as they were built last, though something may have changed
  --infra              only PostgreSQL and NATS, for running services with nx run <service>:serve
  --single-process     all services in one process and their events in memory, as is done
                       by itself where no nats-server can be had
  --replicas <list>    several processes of a service, each up to 16, such as
                       manager=2,parent-executor=2,ws-gateway=2,crawl-worker=3
  --port <n>           port of the page and the API        MANAGER_PORT, 4000
  --gateway-port <n>   port of the WebSocket gateway       GATEWAY_PORT, 4001
  --help               this text

Environment
  DATABASE_URL         a PostgreSQL of your own, instead of the embedded one
  NATS_URL             a NATS server of your own, with JetStream
  EXECUTOR_PORT        health and metrics of the parent-executor, 4002
  WORKER_PORT          health and metrics of the crawl-worker, 4003
  PROGENY_DIR          another folder than .progeny
  LOG_LEVEL            of the services, info; the logs are in .progeny/logs/

These addresses are of the first of each service; the other replicas take free ports.
`;

/** The command line and the environment, or all that is wrong with them at once. */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedOptions {
  const parsed = parseFlags(args);
  if ('fault' in parsed) return { kind: 'fault', faults: [parsed.fault] };
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };

  const faults: string[] = [];
  const port = (flag: string | undefined, flagName: string | null, variable: string, byDefault: number) => {
    const given = flag ?? (env[variable] || undefined);
    if (given === undefined) return byDefault;
    const value = Number(given);
    if (/^\d+$/.test(given) && value <= 65_535) return value;
    faults.push(`${flag === undefined ? variable : flagName} is not a port: ${given}`);
    return byDefault;
  };
  const { replicas, faults: replicaFaults } = parseReplicas(values.replicas ?? []);
  const options: StartOptions = {
    crawlUrl: positionals[0] ?? null,
    demo: !values['no-demo'] && !values.infra && positionals.length === 0,
    once: values.once,
    reset: values.reset,
    build: !values['no-build'],
    infraOnly: values.infra,
    singleProcess: values['single-process'],
    managerPort: port(values.port, '--port', 'MANAGER_PORT', 4000),
    gatewayPort: port(values['gateway-port'], '--gateway-port', 'GATEWAY_PORT', 4001),
    executorPort: port(undefined, null, 'EXECUTOR_PORT', 4002),
    workerPort: port(undefined, null, 'WORKER_PORT', 4003),
    replicas,
  };
  faults.push(...replicaFaults);
  if (positionals.length > 1) faults.push(`one address at a time, not ${positionals.length}`);
  if (options.crawlUrl !== null && !isHttpUrl(options.crawlUrl)) {
    faults.push(`not an http or https address: ${options.crawlUrl}`);
  }
  if (options.crawlUrl !== null && (options.infraOnly || values['no-demo'])) {
    faults.push('an address to crawl does not go with --infra or --no-demo');
  }
  if (options.infraOnly && options.singleProcess) faults.push('--infra does not go with --single-process');
  if (values.replicas && (options.infraOnly || options.singleProcess)) {
    faults.push('--replicas does not go with --infra or --single-process');
  }
  if (options.once && options.crawlUrl === null && !options.demo) {
    faults.push('--once needs something to crawl');
  }
  return faults.length > 0 ? { kind: 'fault', faults } : { kind: 'start', options };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'no-demo': { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        reset: { type: 'boolean', default: false },
        'no-build': { type: 'boolean', default: false },
        infra: { type: 'boolean', default: false },
        'single-process': { type: 'boolean', default: false },
        port: { type: 'string' },
        'gateway-port': { type: 'string' },
        replicas: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    const { message } = error as Error;
    return { fault: message.split('. ')[0] ?? message };
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
