import { jobIdSchema, PROBLEMS, problemSchema } from '@progeny/contract';
import { z } from 'zod';

type ProblemStatus = (typeof PROBLEMS)[keyof typeof PROBLEMS]['status'];

export const jobParamsSchema = z.object({ id: jobIdSchema });

/** The problem documents that a route may answer, for its OpenAPI entry: those that any may, and its own. */
export const readProblems = (...own: ProblemStatus[]) => problems(400, 401, 403, 500, 503, ...own);

/** The same for a route that takes a body. */
export const writeProblems = (...own: ProblemStatus[]) => problems(400, 401, 403, 413, 415, 500, 503, ...own);

const problems = (...statuses: ProblemStatus[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      problemSchema.describe(
        Object.entries(PROBLEMS)
          .filter(([, problem]) => problem.status === status)
          .map(([code]) => `\`${code}\``)
          .join(', '),
      ),
    ]),
  ) as Record<ProblemStatus, typeof problemSchema>;
