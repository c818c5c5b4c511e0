import { PROBLEMS, type Problem, type ProblemCode } from '@progeny/contract';
import { problemOf } from '@progeny/core';
import { StoreError } from '@progeny/job-store';
import type { Log } from '@progeny/kit';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ProgressFullError } from '../progress/progress-intake.ts';

/** Thrown by a route: the answer is the problem document of that code. */
export class ProblemError extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
  ) {
    super(detail ?? PROBLEMS[code].title);
    this.name = 'ProblemError';
  }
}

const RETRY_AFTER_SECONDS = 2;

/** Whatever goes wrong in a request is answered as an RFC 9457 document, without a stack. */
export function answerProblems(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error);
    if (problem.code === 'internal') log.error({ err: error, path: request.url }, 'a request failed');
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request: FastifyRequest, reply) =>
    sendProblem(reply, problemOf('route_not_found', `${request.method} ${request.url.split('?')[0]}`)),
  );
}

/** The same for what never came as far as a route, such as an address that cannot be decoded. */
export const answerFrameworkError = (
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void => void sendProblem(reply, toProblem(error));

function toProblem(error: FastifyError): Problem {
  if (error instanceof ProblemError) return problemOf(error.code, error.detail);
  if (error instanceof StoreError || error instanceof ProgressFullError) {
    return problemOf(error.code, error.message);
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((fault) => ({
      path: fault.instancePath.split('/').filter(Boolean).join('.'),
      message: fault.message ?? 'is not valid',
    }));
    const detail = errors.map(({ path, message }) => `${path || 'the request'}: ${message}`).join('; ');
    return { ...problemOf('invalid_request', detail), errors };
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problemOf('body_too_large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problemOf('unsupported_media_type');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return problemOf('invalid_json');
    default:
      if (error instanceof SyntaxError && error.statusCode === 400) return problemOf('invalid_json');
      if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
        return problemOf('invalid_request', error.message);
      }
      return problemOf('internal');
  }
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  if (problem.status === 503) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  return reply.status(problem.status).type('application/problem+json').send(problem);
}
