import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WorkerEndpoint } from '@progeny/contract';
import { type DemoSite, startDemoSite } from '@progeny/demo-site';
import { connectNatsEventBus, type NatsEventBus } from '@progeny/event-bus-nats';
import {
  createLineWatch,
  type LineWatch,
  type Neighbours,
  openTcpGate,
  startNeighbours,
  type TcpGate,
} from '@progeny/infra';
import { closeServer, createLog, createMetrics, createOutage } from '@progeny/kit';
import { createFakeManager, type FakeManager } from '@progeny/worker/testing';
import { crawlWorkerConfigSchema } from './config.ts';
import { createCrawlWorker } from './crawl-worker.ts';

let neighbours: Neighbours;
let site: DemoSite;
let managerBus: NatsEventBus;
let manager: FakeManager;
/** The manager's HTTP side, which asks its bus side. */
const server = createServer(async (request, response) => {
  const endpoint = /^\/v1\/workers\/(\w+)$/.exec(request.url ?? '')?.[1] as WorkerEndpoint;
  try {
    const reply = await managerBus.request(endpoint, JSON.parse(await text(request)));
    response.end(JSON.stringify(reply));
  } catch {
    response.writeHead(503).end();
  }
});
let managerHttp: TcpGate;
let log: LineWatch;
let stop: () => Promise<void>;

beforeAll(async () => {
  [neighbours, site] = await Promise.all([startNeighbours(), startDemoSite({ speed: 100 })]);
  const quiet = createLog({ service: 'manager', level: 'silent' });
  managerBus = connectNatsEventBus({ url: neighbours.natsUrl, name: 'manager', log: quiet });
  await managerBus.connected;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  managerHttp = await openTcpGate(`http://127.0.0.1:${address.port}`);
});
beforeEach(async () => {
  manager = createFakeManager(managerBus);
  manager.serve();
  await managerBus.flush();
});
afterEach(async () => {
  await stop();
  manager.leave();
  await Promise.all([neighbours.nats.open(), managerHttp.open()]);
});
afterAll(async () => {
  await managerHttp.shut();
  await Promise.all([managerBus.close(), closeServer(server), site.close()]);
  await neighbours.stop();
});

async function startWorker() {
  log = createLineWatch();
  const own = createLog({ service: 'crawl-worker', level: 'info', write: log.write });
  const worker = createCrawlWorker({
    config: crawlWorkerConfigSchema.parse({ WORKER_PORT: '0', MANAGER_URL: managerHttp.url }),
    bus: connectNatsEventBus({
      url: neighbours.nats.url,
      name: 'crawl-worker',
      log: own,
      outage: createOutage({ log: own, what: 'nats' }),
    }),
    log: own,
    metrics: createMetrics({ service: 'crawl-worker' }),
  });
  stop = () => worker.stop();
  await worker.start();
  return async () => {
    const response = await fetch(`http://127.0.0.1:${worker.port()}/health/ready`);
    return [response.status, await response.json()];
  };
}

const startCrawl = (limits = {}) => manager.startCrawl({ seeds: [site.url], limits });
const whole = () => ({
  status: 'completed',
  total_children: site.expected.total,
  completed_children: site.expected.completed,
  failed_children: site.expected.failed,
});
const said = () => log.lines.map(({ msg }) => msg).filter((msg) => msg !== 'claiming pages');

const OVER_HTTP = 'the manager is asked over HTTP: it does not answer on the bus';
const ON_BUS = 'the manager answers on the bus again';

test('NATS away at start: the crawl is done over HTTP', async () => {
  await neighbours.nats.shut();
  const ready = await startWorker();
  const parentId = await startCrawl();
  expect(await manager.ended(parentId)).toMatchObject(whole());
  expect(await ready()).toEqual([503, { ready: false, checks: { nats: 'reconnecting', manager: 'ok' } }]);
  await neighbours.nats.open();
  await log.said(ON_BUS);
  expect(said().sort()).toEqual([OVER_HTTP, ON_BUS, 'nats is away; trying on', 'nats is back'].sort());
});

test('NATS away in mid-run: the crawl goes on over HTTP, and then over the bus', async () => {
  await startWorker();
  const hits = site.hitsOf('/shop/');
  const parentId = await startCrawl({ max_pages: 30 });
  while (site.hitsOf('/shop/') === hits) await new Promise((resolve) => setTimeout(resolve, 5));
  await neighbours.nats.shut();
  expect(await manager.ended(parentId)).toMatchObject({ status: 'completed', total_children: 30 });
  await log.said(OVER_HTTP);
  await neighbours.nats.open();
  await log.said(ON_BUS);
});

test('the manager away at start: one line, and the crawl is done when it comes', async () => {
  manager.leave();
  await managerHttp.shut();
  const ready = await startWorker();
  await log.said('manager is away; trying on');
  expect(await ready()).toMatchObject([
    503,
    { checks: { manager: expect.stringContaining('cannot be reached') } },
  ]);
  const parentId = await startCrawl();
  manager.serve();
  expect(await manager.ended(parentId)).toMatchObject(whole());
  expect(await ready()).toMatchObject([200, {}]);
  expect(said().filter((msg) => msg.startsWith('manager'))).toEqual([
    'manager is away; trying on',
    'manager is back',
  ]);
});

test('the manager away in mid-run, or without its database: reports are kept, and nothing is lost', async () => {
  await startWorker();
  const hits = site.hitsOf('/shop/');
  const parentId = await startCrawl();
  while (site.hitsOf('/shop/') === hits) await new Promise((resolve) => setTimeout(resolve, 5));
  const away = () => Promise.reject(Object.assign(new Error('the database is away'), { retryable: true }));
  manager.serve({ claim: away, report: away, heartbeat: away });
  await log.said('manager is away; trying on');
  manager.leave();
  await managerHttp.shut();
  manager.serve();
  expect(await manager.ended(parentId)).toMatchObject(whole());
  await log.said('manager is back');
  expect(log.lines.filter(({ level }) => level >= 50)).toEqual([]);
});
