/** The clock and all timers stand still until the test moves them; sockets go on. To be called before a scene is made. */
export function stopTime(): void {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'performance', 'hrtime'],
  });
}

/** Moves the time on, and lets sockets have their turn. */
export async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
  await new Promise(setImmediate);
}
