import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProblemCode } from '@progeny/contract';
import { problemOf } from '@progeny/core';

const RETRY_AFTER_SECONDS = 2;

const answerTo = (code: ProblemCode) => {
  const problem = problemOf(code);
  const body = JSON.stringify(problem);
  const mayComeBack = problem.status === 429 || problem.status === 503;
  return {
    status: problem.status,
    body,
    headers: {
      'Content-Type': 'application/problem+json',
      'Content-Length': String(Buffer.byteLength(body)),
      ...(mayComeBack && { 'Retry-After': String(RETRY_AFTER_SECONDS) }),
      ...(problem.status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    },
  };
};

export function refuseRequest(
  response: ServerResponse,
  code: ProblemCode,
  more: Readonly<Record<string, string>> = {},
): void {
  const { status, headers, body } = answerTo(code);
  response.writeHead(status, { ...headers, ...more }).end(body);
}

/** The server has let go of the socket: whatever breaks it now, and its end, are ours. */
export function refuseUpgrade(socket: Duplex, code: ProblemCode): void {
  const { status, headers, body } = answerTo(code);
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.on('error', () => socket.destroy());
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'), () =>
    socket.destroy(),
  );
}
