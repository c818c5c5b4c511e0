import { z } from 'zod';

/** Every error that the HTTP API answers, with its status. The code is stable; title and detail may be reworded. */
export const PROBLEMS = {
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request does not have the expected shape' },
  unauthenticated: { status: 401, title: 'Who you are is not known, or no longer' },
  forbidden: { status: 403, title: 'Your role does not allow this' },
  forbidden_origin: { status: 403, title: 'Pages of that origin may not use this' },
  job_not_found: { status: 404, title: 'There is no such job' },
  route_not_found: { status: 404, title: 'There is no such address' },
  not_a_parent: { status: 409, title: 'The job is a child; this needs a parent' },
  not_a_child: { status: 409, title: 'The job is a parent; its status comes from its children' },
  key_taken: { status: 409, title: 'The parent has another child with that key' },
  nested_too_deep: { status: 409, title: 'Parents cannot be nested that deep' },
  too_many_children: { status: 409, title: 'The parent has all the children it may have' },
  nested_job: { status: 409, title: 'The job is nested in another, and can only be deleted with it' },
  job_sealed: { status: 409, title: 'The job is sealed and takes no more children' },
  job_ended: { status: 409, title: 'The job has ended' },
  job_not_ended: { status: 409, title: 'The job has not ended; cancel it first' },
  job_cancelling: { status: 409, title: 'The job is being cancelled' },
  not_retryable: { status: 409, title: 'Only a child that failed or was cancelled can be retried' },
  not_running: { status: 409, title: 'Only a child that runs can tell how far it is' },
  illegal_transition: { status: 409, title: 'The job cannot go from its status to that one' },
  stale_attempt: { status: 409, title: 'The report is about an older attempt' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  too_many_connections: { status: 429, title: 'You have too many connections open' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Something that this needs cannot be reached; try again' },
  restarting: { status: 503, title: 'The service restarts; try again' },
  full: { status: 503, title: 'The service has all the connections it can hold; try again' },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

/** RFC 9457, as `application/problem+json`. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string().optional(),
  /** Where in the request: a path such as `seeds.0`, and what is wrong there. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
