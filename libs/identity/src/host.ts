import { headerOf, type RequestHeaders } from './credential.ts';
import { isOriginAllowed } from './origin.ts';

/**
 * Whether the request was sent to a name of this service: a loopback one, or that of an allowed origin. With AUTH=none
 * ask this first: a web page whose own name was made to lead to loopback (DNS rebinding) is of the same origin as what
 * it asks, so its reads carry no Origin, but Host tells its name.
 */
export function isHostAllowed(headers: RequestHeaders, allowed: readonly string[] | undefined): boolean {
  const host = headerOf(headers, 'host') ?? '';
  return (
    isOriginAllowed(`http://${host}`, undefined) ||
    ['http', 'https'].some((scheme) => isOriginAllowed(`${scheme}://${host}`, allowed))
  );
}
