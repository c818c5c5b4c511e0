/** What a manager answers to reporters, without a network; and what it was asked. */
export interface FakeManager {
  fetch: typeof fetch;
  requests: { path: string; body: string; headers: Record<string, string> }[];
  /** Bodies of that path, parsed. */
  bodies(path: string): unknown[];
  parents: Map<string, FakeParent>;
  /** Children of all parents, by id. */
  children: Map<string, FakeChild>;
  /** While it returns an answer or throws, that is what comes instead. */
  instead: ((path: string, body: string) => Response | Promise<Response> | undefined) | undefined;
  /** Resolves when a request to that path was answered so often. */
  answered(path: string, times: number): Promise<void>;
}

export interface FakeParent {
  id: string;
  key: string;
  sealed: boolean;
  spec: Record<string, unknown>;
  children: Map<string, FakeChild>;
}
export interface FakeChild {
  id: string;
  key: string;
  payload: Record<string, unknown>;
  status: string;
  attempt: number;
  said: Record<string, unknown>[];
}

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
export const problem = (status: number, code: string): Response => json(status, { code, detail: `${code}!` });

export function createFakeManager(): FakeManager {
  const waiting: { path: string; times: number; resolve: () => void }[] = [];
  const answers: string[] = [];
  const manager: FakeManager = {
    fetch: async (input, init) => {
      const { pathname: path, search } = new URL(String(input));
      const body = String(init?.body ?? '');
      manager.requests.push({ path, body, headers: (init?.headers ?? {}) as Record<string, string> });
      const answer = (await manager.instead?.(path, body)) ?? answerOf(manager, path, search, body, init);
      answers.push(path);
      for (const { path: wanted, times, resolve } of waiting) {
        if (answers.filter((one) => one === wanted).length >= times) resolve();
      }
      return answer;
    },
    requests: [],
    bodies: (path) => manager.requests.filter((one) => one.path === path).map(({ body }) => JSON.parse(body)),
    parents: new Map(),
    children: new Map(),
    instead: undefined,
    answered: (path, times) =>
      new Promise((resolve) => {
        if (answers.filter((one) => one === path).length >= times) resolve();
        else waiting.push({ path, times, resolve });
      }),
  };
  return manager;
}

function answerOf(
  { parents, children }: FakeManager,
  path: string,
  search: string,
  text: string,
  init: RequestInit | undefined,
): Response {
  const body = text === '' ? {} : JSON.parse(text);
  const [, id, verb] = /^\/v1\/jobs\/([^/]+)\/([a-z]+)$/.exec(path) ?? [];
  if (path === '/v1/jobs') {
    const { 'idempotency-key': key = '' } = (init?.headers ?? {}) as Record<string, string>;
    const same = [...parents.values()].find((parent) => parent.key === key);
    const parent = same ?? {
      id: `p${parents.size + 1}`,
      key,
      sealed: false,
      spec: body,
      children: new Map(),
    };
    parents.set(parent.id, parent);
    return json(201, { job_id: parent.id });
  }
  if (path === '/v1/jobs/status') {
    return json(200, { reports: body.reports.map((report: FakeReport) => reported(children, report)) });
  }
  if (path === '/v1/jobs/progress') {
    for (const { job_id, ...said } of body.reports) children.get(job_id)?.said.push(said);
    return json(200, { outcomes: body.reports.map(() => 'applied') });
  }
  if (verb === 'retry') {
    const child = children.get(id ?? '');
    if (child) Object.assign(child, { status: 'pending', attempt: child.attempt + 1 });
    return json(202, {});
  }
  const parent = parents.get(id ?? '');
  if (!parent) return problem(404, 'job_not_found');
  if (verb === 'seal') {
    parent.sealed = true;
    return json(200, {});
  }
  if (init?.method === 'GET') return pageOf(parent, search);
  if (parent.sealed) return problem(409, 'job_sealed');
  for (const { key, payload } of body.children) {
    if (parent.children.has(key)) continue;
    const child = { id: `c${children.size + 1}`, key, payload, status: 'pending', attempt: 0, said: [] };
    parent.children.set(key, child);
    children.set(child.id, child);
  }
  const keys: string[] = body.children.map(({ key }: { key: string }) => key);
  return json(200, { children: keys.map((key) => ({ key, job_id: parent.children.get(key)?.id })) });
}

interface FakeReport {
  job_id: string;
  status: string;
  attempt: number;
}

const ENDS = ['completed', 'failed', 'cancelled', 'skipped'];

function reported(children: Map<string, FakeChild>, { job_id, status, attempt, ...said }: FakeReport) {
  const child = children.get(job_id);
  if (!child) return { job_id, outcome: 'unknown_job' };
  if (attempt < child.attempt) return { job_id, outcome: 'stale_attempt' };
  if (status === child.status && attempt === child.attempt) return { job_id, outcome: 'duplicate' };
  if (ENDS.includes(child.status)) {
    return { job_id, outcome: 'illegal_transition', status: child.status, attempt: child.attempt };
  }
  Object.assign(child, { status, attempt });
  child.said.push({ status, attempt, ...said });
  return { job_id, outcome: 'applied' };
}

/** Two a page, so that there are pages. */
function pageOf(parent: FakeParent, search: string): Response {
  const all = [...parent.children.values()];
  const after = new URLSearchParams(search).get('cursor');
  const from = after === null ? 0 : all.findIndex((child) => child.id === after) + 1;
  const page = all.slice(from, from + 2);
  const more = from + 2 < all.length;
  return json(200, {
    children: page.map(({ id, key }) => ({ job_id: id, key })),
    next_cursor: more ? page.at(-1)?.id : null,
  });
}
