import { UnexpectedAnswerError } from './errors.ts';
import { isJobView, isLogLines, isSteps } from './http-answer.ts';
import type { HttpRequest } from './http-request.ts';
import type { Command, JobView, LogLine, StoredStep } from './http-wire.ts';

export interface RequestOptions {
  signal?: AbortSignal | undefined;
}

/**
 * What can be asked of the manager about one job, beside what it tells live. Rejects with ProblemError (`code` is that
 * of the problem), UnreachableError, UnexpectedAnswerError or NoApiUrlError; after an abort with its reason.
 */
export interface JobApi {
  job(jobId: string, options?: RequestOptions): Promise<JobView>;
  /** The steps within one job, parent or child: the newest 200, oldest first. */
  steps(jobId: string, options?: RequestOptions): Promise<StoredStep[]>;
  /** What happened to the children of a parent: the newest 200 lines, oldest first. */
  log(jobId: string, options?: RequestOptions): Promise<LogLine[]>;
  /**
   * Gives a command, which stands when this resolves; what follows from it comes as events. Answers the job right after
   * it, null for a deleted one. The same again is harmless.
   */
  command(jobId: string, command: Command, options?: RequestOptions): Promise<JobView | null>;
}

export function createJobApi(request: HttpRequest): JobApi {
  const ask = async <Answer>(
    path: string,
    {
      method = 'GET',
      signal,
      isIt,
    }: RequestOptions & { method?: string; isIt: (body: unknown) => body is Answer },
  ): Promise<Answer> => {
    const { status, body } = await request({ method, path, signal });
    if (!isIt(body)) throw new UnexpectedAnswerError(status);
    return body;
  };
  const pathOf = (jobId: string): string => `/v1/jobs/${encodeURIComponent(jobId)}`;

  return {
    job: (jobId, options) => ask(pathOf(jobId), { ...options, isIt: isJobView }),
    steps: async (jobId, options) =>
      (await ask(`${pathOf(jobId)}/events`, { ...options, isIt: isSteps })).events,
    log: async (jobId, options) =>
      (await ask(`${pathOf(jobId)}/log`, { ...options, isIt: isLogLines })).lines,
    async command(jobId, command, options) {
      if (command === 'delete') {
        await request({ method: 'DELETE', path: pathOf(jobId), signal: options?.signal });
        return null;
      }
      const path = `${pathOf(jobId)}/${command.replace('_', '-')}`;
      return ask(path, { method: 'POST', ...options, isIt: isJobView });
    },
  };
}
