/** Something that should have happened did not, in a time in which it always does. */
export class TooLateError extends Error {
  readonly code = 'too_late';

  constructor(what: string, ms: number) {
    super(`${what} for ${ms / 1000} s`);
    this.name = 'TooLateError';
  }
}

/** The promise, or TooLateError after `ms`; `what` says what is then amiss. */
export async function within<Value>(
  promise: Promise<Value>,
  { ms, what }: { ms: number; what: () => string },
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLateError(what(), ms)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
