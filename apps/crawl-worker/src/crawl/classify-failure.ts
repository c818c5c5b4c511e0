import { invalidResponseError, PageError } from './page-error.ts';

const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const STATUS_MESSAGES: Readonly<Record<number, string>> = {
  401: 'The page asks for a login.',
  403: 'The server refuses to show the page.',
  404: 'The page does not exist.',
  410: 'The page has been removed.',
  429: 'The server asks for fewer requests.',
  503: 'The server is overloaded or down for maintenance.',
};

/** What an answer that is neither a page nor a redirect means. */
export const statusError = (status: number): PageError =>
  new PageError({
    code: `http_${status}`,
    userMessage:
      STATUS_MESSAGES[status] ??
      (status >= 500 ? 'The server has a problem.' : `The server answered with status ${status}.`),
    detail: `HTTP status ${status}`,
    retryable: RETRYABLE_STATUSES.has(status),
    httpStatus: status,
  });

interface FailureClass {
  code: string;
  userMessage: string;
  retryable: boolean;
  matches: RegExp;
}

/** By the code that Node, OpenSSL or the HTTP client gave the error; the first that matches. */
const FAILURE_CLASSES: readonly FailureClass[] = [
  {
    code: 'timeout',
    userMessage: 'The page took too long.',
    retryable: true,
    matches: /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/,
  },
  {
    // The resolver could not answer now, which is not the same as "no such host".
    code: 'dns_failed',
    userMessage: 'The address of the host could not be looked up.',
    retryable: true,
    matches: /^(EAI_\w+|ETIMEOUT|ESERVFAIL)$/,
  },
  {
    code: 'dns_failed',
    userMessage: 'There is no host of that name.',
    retryable: false,
    matches: /^(ENOTFOUND|ENODATA)$/,
  },
  {
    code: 'connection_refused',
    userMessage: 'The server does not accept connections.',
    retryable: true,
    matches: /^ECONNREFUSED$/,
  },
  {
    code: 'connection_lost',
    userMessage: 'The connection to the server was lost.',
    retryable: true,
    matches: /^(ECONNRESET|ECONNABORTED|EPIPE|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|UND_ERR_SOCKET)$/,
  },
  {
    code: 'tls_failed',
    userMessage: 'No secure connection to the server could be made.',
    retryable: false,
    matches:
      /^(EPROTO$|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_|UNABLE_TO_|HOSTNAME_MISMATCH)/,
  },
];

/** Turns whatever a fetch rejected with into a PageError. What is not known is a fault of the answer. */
export function classifyFailure(error: unknown): PageError {
  if (error instanceof PageError) return error;
  const code = codeOf(error);
  const detail = `${code ?? 'error'}: ${messageOf(error)}`;
  const known = FAILURE_CLASSES.find(({ matches }) => code !== null && matches.test(code));
  if (!known) return invalidResponseError(detail, { cause: error });
  const { matches: _, ...failure } = known;
  return new PageError({ ...failure, detail, cause: error });
}

/** The code of the error, or of what caused it: the client wraps what the socket said, and several tries in one. */
function codeOf(error: unknown): string | null {
  // Not `instanceof Error`: what the runtime itself throws need not be of this realm.
  if (typeof error !== 'object' || error === null) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : null;
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
