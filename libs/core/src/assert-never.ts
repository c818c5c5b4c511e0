/** Ends a switch over a union: adding a member that nobody handles is a compile error. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value: ${JSON.stringify(value)}`);
}
