import type { Problem } from '@progeny/contract';

/** The server answered with a problem document: asking again for the same will not help. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** The server could not be reached, or is in trouble: worth another try. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  constructor(cause?: unknown) {
    super('The server cannot be reached right now.', { cause });
  }
}
