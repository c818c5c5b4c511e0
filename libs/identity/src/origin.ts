/**
 * Whether pages of this origin may call. `allowed` are exact origins; undefined stands for http and https on a
 * loopback name, on any port. The origin `null` of sandboxed pages and files never is.
 */
export function isOriginAllowed(origin: string, allowed: readonly string[] | undefined): boolean {
  if (origin === 'null') return false;
  return allowed ? allowed.includes(origin) : LOOPBACK_ORIGIN.test(origin);
}

const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/;
