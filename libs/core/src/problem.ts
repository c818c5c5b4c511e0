import { PROBLEMS, type Problem, type ProblemCode } from '@progeny/contract';

/** The RFC 9457 document of a code, the same whichever service answers it. */
export const problemOf = (code: ProblemCode, detail?: string): Problem => ({
  type: `urn:progeny:problem:${code}`,
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  code,
  ...(detail && { detail }),
});
