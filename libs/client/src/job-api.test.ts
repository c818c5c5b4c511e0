import { NoApiUrlError, ProblemError, UnexpectedAnswerError, UnreachableError } from './errors.ts';
import { A, C, childViewOf, progressOf } from './fake-events.ts';
import { SENT_AT } from './fake-gateway.ts';
import { useClientFixture } from './fixture-client.ts';
import type { Command, ParentView } from './http-wire.ts';

const at = useClientFixture();
const parentViewOf = (version: number, more: Partial<ParentView> = {}): ParentView => ({
  job_id: A,
  type: 'crawl',
  run: 1,
  version,
  parent_id: null,
  key: null,
  name: '',
  status: 'running',
  error: null,
  spec: {},
  progress: progressOf(A, version),
  created_at: SENT_AT,
  started_at: null,
  finished_at: null,
  updated_at: SENT_AT,
  ...more,
});

describe('commands', () => {
  test.each<[Command, string]>([
    ['cancel', 'cancel'],
    ['pause', 'pause'],
    ['resume', 'resume'],
    ['retry_failed', 'retry-failed'],
  ])('%s goes to /%s and answers the parent right after it, which shows at once', async (command, path) => {
    at.gateway.api = { [`POST /v1/jobs/${A}/${path}`]: parentViewOf(4) };
    expect(await at.client.command(A, command)).toEqual(parentViewOf(4));
    expect(at.gateway.requests).toEqual([
      { method: 'POST', path: `/v1/jobs/${A}/${path}`, headers: { accept: 'application/json' } },
    ]);
    expect(at.client.getJob(A)?.version).toBe(4);
  });

  test('a child is retried by itself, and shows it', async () => {
    const view = childViewOf(8, {
      status: 'pending',
      progress_percentage: 0,
      progress_stage: 'queued',
      run: 2,
    });
    at.gateway.api = { [`POST /v1/jobs/${C}/retry`]: view };
    expect(await at.client.command(C, 'retry')).toEqual(view);
    expect(at.client.getChild(C)).toMatchObject({ status: 'pending', version: 8 });
  });

  test('what the manager refuses comes with the code of its problem', async () => {
    at.gateway.api = {
      [`POST /v1/jobs/${A}/pause`]: { status: 409, code: 'job_ended', title: 'The job has ended', type: 'x' },
      [`POST /v1/jobs/${A}/resume`]: {
        status: 503,
        code: 'unavailable',
        title: 'Try again',
        type: 'x',
        detail: 'the database is away',
      },
    };
    const refusals = ['pause', 'resume'] as const;
    const [ended, away] = await Promise.all(
      refusals.map((command) => at.client.command(A, command).catch((error: unknown) => error)),
    );
    expect(ended).toBeInstanceOf(ProblemError);
    expect(ended).toMatchObject({
      name: 'ProblemError',
      code: 'job_ended',
      message: 'The job has ended',
      status: 409,
      detail: null,
      retryable: false,
    });
    expect(away).toMatchObject({ code: 'unavailable', detail: 'the database is away', retryable: true });
  });
});

describe('reading', () => {
  const steps = [{ number: 1, at: SENT_AT, step: { event: 'pipeline_started' } }];
  const lines = [{ number: 7, at: SENT_AT, line: 'Child 0193a3c5 -> completed. 0 pending' }];

  test('a job, its steps and its log are what the manager says', async () => {
    at.gateway.api = {
      [`/v1/jobs/${A}`]: parentViewOf(3),
      [`/v1/jobs/${A}/events`]: { events: steps },
      [`/v1/jobs/${A}/log`]: { lines },
    };
    expect(await at.client.job(A)).toEqual(parentViewOf(3));
    expect(at.client.getJob(A)?.version).toBe(3);
    expect(await at.client.steps(A)).toEqual(steps);
    expect(await at.client.log(A)).toEqual(lines);
  });

  test.each([{ nothing: 1 }, { events: [{ number: 'one' }] }, { status: 502 }, { status: 404 }])(
    'an answer that is none is said to be so: %j',
    async (body) => {
      at.gateway.api = { [`/v1/jobs/${A}/events`]: body };
      await expect(at.client.steps(A)).rejects.toBeInstanceOf(UnexpectedAnswerError);
    },
  );

  test('a manager that is away cannot be reached', async () => {
    at.gateway.api = null;
    await expect(at.client.job(A)).rejects.toBeInstanceOf(UnreachableError);
    await expect(at.client.job(A)).rejects.toMatchObject({ code: 'unreachable', retryable: true });
  });

  test('one that does not answer is not waited for without end', async () => {
    at.again({
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        }),
    });
    const reading = at.client.job(A).catch(({ code }: UnreachableError) => code);
    await at.advance(15_000);
    expect(await reading).toBe('unreachable');
  });

  test('who gives up gets the reason that it gave', async () => {
    const giveUp = new AbortController();
    const reason = new Error('no longer wanted');
    const reading = at.client.job(A, { signal: giveUp.signal });
    giveUp.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(at.client.job(A, { signal: giveUp.signal })).rejects.toBe(reason);
  });

  test('without the address of the manager nothing is asked', async () => {
    at.again({ apiUrl: undefined });
    await expect(at.client.job(A)).rejects.toBeInstanceOf(NoApiUrlError);
    expect(at.gateway.requests).toEqual([]);
  });
});

test('a token that is refused is asked for anew, once', async () => {
  let asked = 0;
  at.again({
    token: () => {
      asked += 1;
      return `t${asked}`;
    },
  });
  at.gateway.api = {
    [`POST /v1/jobs/${A}/cancel`]: { status: 401, code: 'unauthenticated', title: 'Who?', type: 'x' },
  };
  await expect(at.client.command(A, 'cancel')).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(at.gateway.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
});
