import type { FastifyInstance } from 'fastify';

/** Whom a route is for, and of whose jobs it tells. */
export type Reach =
  /** Everybody, known or not; it tells of no job. */
  | 'open'
  /** Whoever is known; it tells of no job but one that it makes. */
  | 'known'
  /** Whoever is known: a list of the jobs that they see. */
  | 'list'
  /** Whoever sees the job that it names. */
  | 'job'
  /** The same for each of the jobs that its body names. */
  | 'jobs'
  /** The role of a worker alone, who is trusted with children of everybody in the tenant. */
  | 'worker';

export interface Route {
  method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS';
  path: string;
  reach: Reach;
  query?: string;
  body?: object;
  /** The body of a route that names jobs there. */
  bodyOf?: (jobIds: readonly string[]) => object;
  /** What whoever sees a job is answered, of a parent and of a child, when they ask one after the other. */
  seen?: [parent: number, child: number];
}

const ofEach = (more: object) => (jobIds: readonly string[]) => ({
  reports: jobIds.map((job_id) => ({ job_id, ...more })),
});

/** Every route of the manager. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/v1/jobs', reach: 'list' },
  { method: 'POST', path: '/v1/jobs', reach: 'known', body: { type: 'custom' } },
  {
    method: 'POST',
    path: '/v1/jobs',
    reach: 'job',
    bodyOf: ([parent_id]) => ({ type: 'custom', parent_id, key: 'within' }),
    seen: [201, 409],
  },
  {
    method: 'POST',
    path: '/v1/jobs/status',
    reach: 'jobs',
    bodyOf: ofEach({ status: 'completed', attempt: 1 }),
  },
  {
    method: 'POST',
    path: '/v1/jobs/progress',
    reach: 'jobs',
    bodyOf: ofEach({ progress: 50, events: [{ event: 'pipeline_started' }] }),
  },
  { method: 'GET', path: '/v1/jobs/:id', reach: 'job', seen: [200, 200] },
  { method: 'GET', path: '/v1/jobs/:id/children', reach: 'job', seen: [200, 409] },
  { method: 'GET', path: '/v1/jobs/:id/explain', reach: 'job', seen: [200, 409] },
  { method: 'GET', path: '/v1/jobs/:id/events', reach: 'job', seen: [200, 200] },
  { method: 'GET', path: '/v1/jobs/:id/log', reach: 'job', seen: [200, 409] },
  { method: 'GET', path: '/v1/jobs/:id/progress', reach: 'job', seen: [200, 200] },
  { method: 'GET', path: '/v1/jobs/:id/progress', query: '?wait=30', reach: 'job', seen: [200, 200] },
  {
    method: 'POST',
    path: '/v1/jobs/:id/children',
    reach: 'job',
    body: { children: [{ key: 'b' }] },
    seen: [200, 409],
  },
  {
    method: 'POST',
    path: '/v1/jobs/:id/status',
    reach: 'job',
    body: { status: 'running', attempt: 1 },
    seen: [409, 200],
  },
  {
    method: 'POST',
    path: '/v1/jobs/:id/progress',
    reach: 'job',
    body: { progress: 50, events: [{ event: 'pipeline_started' }] },
    seen: [409, 200],
  },
  { method: 'POST', path: '/v1/jobs/:id/pause', reach: 'job', seen: [202, 409] },
  { method: 'POST', path: '/v1/jobs/:id/resume', reach: 'job', seen: [202, 409] },
  { method: 'POST', path: '/v1/jobs/:id/seal', reach: 'job', seen: [200, 409] },
  { method: 'POST', path: '/v1/jobs/:id/retry', reach: 'job', seen: [409, 409] },
  { method: 'POST', path: '/v1/jobs/:id/retry-failed', reach: 'job', seen: [202, 409] },
  { method: 'DELETE', path: '/v1/jobs/:id', reach: 'job', seen: [409, 409] },
  { method: 'POST', path: '/v1/jobs/:id/cancel', reach: 'job', seen: [202, 409] },
  { method: 'POST', path: '/v1/tickets', reach: 'known' },
  { method: 'GET', path: '/page-config.json', reach: 'known' },
  {
    method: 'POST',
    path: '/v1/workers/claim',
    reach: 'worker',
    body: { worker_id: 'w', job_types: ['task'], limit: 10 },
  },
  {
    method: 'POST',
    path: '/v1/workers/report',
    reach: 'worker',
    bodyOf: ofEach({ status: 'completed', attempt: 1 }),
  },
  {
    method: 'POST',
    path: '/v1/workers/heartbeat',
    reach: 'worker',
    bodyOf: (jobIds) => ({ children: jobIds.map((job_id) => ({ job_id, attempt: 1 })) }),
  },
  { method: 'POST', path: '/v1/workers/progress', reach: 'worker', bodyOf: ofEach({ progress: 50 }) },
  { method: 'OPTIONS', path: '/v1/*', reach: 'open' },
  { method: 'GET', path: '/openapi.json', reach: 'open' },
  { method: 'GET', path: '/asyncapi.json', reach: 'open' },
  ...[
    '/docs',
    '/docs/',
    '/docs/static/index.html',
    '/docs/static/swagger-initializer.js',
    '/docs/static/*',
    '/docs/json',
    '/docs/yaml',
    '/',
    '/jobs/:id',
    '/*',
  ].map((path) => ({ method: 'GET' as const, path, reach: 'open' as const })),
];

const INDENT_CHARS = 4;

/** `GET /v1/jobs` and so on: what the router of the app prints, without the HEAD that comes with each GET. */
export function registeredRoutes(app: FastifyInstance): string[] {
  const parents: string[] = [];
  const routes: string[] = [];
  for (const line of app.printRoutes().split('\n')) {
    const [, indent = '', segment = '', methods] = /^([│├└─ ]*)(\S+)(?: \((.*)\))?$/.exec(line) ?? [];
    if (segment === '') continue;
    const depth = indent.length / INDENT_CHARS;
    parents.length = depth - 1;
    const path = parents.join('') + segment;
    parents.push(segment);
    for (const method of methods?.split(', ') ?? []) if (method !== 'HEAD') routes.push(`${method} ${path}`);
  }
  return routes;
}
