const GIVES_UP_MS = 10_000;

/** Resolves when it holds. Gives up after the time that a test has, so that a red one does not go on for ever. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + GIVES_UP_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`it has not come to this: ${holds}`);
    await new Promise(setImmediate);
  }
}
