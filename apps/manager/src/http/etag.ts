/** A version as a strong entity tag. */
export const etagOf = (version: number): string => `"${version}"`;

/** Whether `If-None-Match` names the tag, by the weak comparison that RFC 9110, 13.1.2 asks for. */
export function isNamedBy(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(',')
    .map((name) => name.trim())
    .some((name) => name === '*' || name.replace(/^W\//, '') === etag);
}
