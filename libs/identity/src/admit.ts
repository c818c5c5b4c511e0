import type { AdmissionSettings } from './auth-settings.ts';
import { type Credential, credentialOf, headerOf, type RequestHeaders } from './credential.ts';
import { isOriginAllowed } from './origin.ts';

export type Admission = Credential | 'forbidden_origin' | 'none';

/**
 * What a request brings to tell who it is; both the gateway and the manager ask this, and nothing else.
 * - `forbidden_origin`: a page of an origin that is not allowed sent it. Refuse it with 403, whatever else it carries
 *   and also with AUTH=none: any page in the user's browser can reach loopback.
 * - a credential: verify it. A browser adds cookies by itself, so a cookie counts only where the browser vouches for
 *   the page: an allowed Origin or, where it sends none, Sec-Fetch-Site `same-origin`, `same-site` or `none`.
 * - `none`: nothing that counts.
 */
export function admit(
  headers: RequestHeaders,
  { AUTH_COOKIE, ALLOWED_ORIGINS }: AdmissionSettings,
): Admission {
  const origin = headerOf(headers, 'origin');
  if (origin !== undefined && !isOriginAllowed(origin, ALLOWED_ORIGINS)) return 'forbidden_origin';
  const credential = credentialOf(headers, AUTH_COOKIE);
  if (credential === null) return 'none';
  if (credential.kind === 'bearer' || origin !== undefined) return credential;
  return OWN_SITE.has(headerOf(headers, 'sec-fetch-site') ?? '') ? credential : 'none';
}

/** `none` is the user's own doing: an address typed, a bookmark. */
const OWN_SITE: ReadonlySet<string> = new Set(['same-origin', 'same-site', 'none']);
