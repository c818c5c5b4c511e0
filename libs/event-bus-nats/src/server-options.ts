import type { ConnectionOptions } from 'nats';

/**
 * What the client needs of `nats://user:password@host:4222,host2`: it takes no credentials in a URL itself. A user
 * without a password is a token, as everywhere in NATS; `tls://` insists on TLS.
 */
export function serverOptions(
  url: string,
): Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls'> {
  const urls = url
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => new URL(part.includes('://') ? part : `nats://${part}`));
  const [first] = urls;
  return {
    servers: urls.map((parsed) => parsed.host),
    ...(first ? credentials(first) : {}),
    ...(first?.protocol === 'tls:' ? { tls: {} } : {}),
  };
}

function credentials(url: URL): Pick<ConnectionOptions, 'user' | 'pass' | 'token'> {
  const user = decodeURIComponent(url.username);
  if (user === '') return {};
  return url.password === '' ? { token: user } : { user, pass: decodeURIComponent(url.password) };
}
