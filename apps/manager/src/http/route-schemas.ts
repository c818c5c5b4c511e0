import { jobIdSchema, PROBLEMS, problemSchema } from '@progeny/contract';
import { z } from 'zod';

type ProblemStatus = (typeof PROBLEMS)[keyof typeof PROBLEMS]['status'];

export const jobParamsSchema = z.object({ id: jobIdSchema });

/** The problem documents that a route may answer, for its OpenAPI entry. */
export const problemResponses = (...statuses: ProblemStatus[]) =>
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
