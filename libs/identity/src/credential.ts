export interface Credential {
  kind: 'bearer' | 'cookie';
  token: string;
}

/** Headers as Node has them: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The token that a request carries: `Authorization: Bearer`, else the first cookie of that name. Never throws. */
export function credentialOf(headers: RequestHeaders, cookieName: string): Credential | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headerOf(headers, 'authorization')?.trim() ?? '')?.[1];
  if (bearer !== undefined) return { kind: 'bearer', token: bearer };
  const cookie = firstCookie(headerOf(headers, 'cookie') ?? '', cookieName);
  return cookie ? { kind: 'cookie', token: cookie } : null;
}

/** One that came more than once is joined by commas, as HTTP has it, and is then no single value to trust. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** As it was sent: what a token consists of needs no percent-decoding. */
function firstCookie(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    return pair
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
  }
  return null;
}
