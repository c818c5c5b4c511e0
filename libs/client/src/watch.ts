import { type ProgenyClientError, ReaderTooSlowError } from './errors.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import type { JobEvent } from './wire.ts';

/** `ended`: the job has. `failed`: the gateway refused the job, or the reader was too slow; reading throws why. */
export type WatchState = 'watching' | 'ended' | 'failed' | 'stopped';

/**
 * What happens to one job, or to all. Reading it with `for await` ends after the job's terminal event; a reader that
 * is behind gets the latest progress and every lifecycle event. Leaving the loop stops the watch.
 */
export interface Watch extends AsyncIterable<JobEvent> {
  readonly state: WatchState;
  /** Ends it at once. The connection lives while anything is watched. */
  stop(): void;
}

/** The inside of a watch. */
export interface WatchControl {
  readonly watch: Watch;
  put(event: JobEvent): void;
  /** What was put before is still read. */
  finish(state: 'ended' | 'failed', error?: ProgenyClientError): void;
}

export interface WatchParts {
  onEvent: ((event: JobEvent) => void) | undefined;
  /** Keeps what happens before the reading begins. */
  keepsForReader: boolean;
  /** What is known, for who comes later. */
  present: () => JobEvent[];
  /** It is no longer watching; told once. */
  onLeave: () => void;
}

export function createWatch({ onEvent, keepsForReader, present, onLeave }: WatchParts): WatchControl {
  let state: WatchState = 'watching';
  let error: ProgenyClientError | undefined;
  let reading: EventQueue | undefined;
  let calling: EventQueue | undefined;
  const readers: { resolve: (result: IteratorResult<JobEvent>) => void; reject: (why: unknown) => void }[] =
    [];

  const newQueue = (): EventQueue => {
    const queue = createEventQueue();
    for (const event of present()) queue.put(event);
    return queue;
  };

  const serveReaders = (): void => {
    for (let reader = readers[0]; reader; reader = readers[0]) {
      const event = reading?.take();
      if (!event && state === 'watching') return;
      readers.shift();
      if (event) reader.resolve({ done: false, value: event });
      else if (error) reader.reject(error);
      else reader.resolve({ done: true, value: undefined });
    }
  };
  /** In its own turn: a callback may stop the watch that is being made, and is never called inside another. */
  const callLater = (): void =>
    queueMicrotask(() => {
      for (let event = calling?.take(); event; event = calling?.take()) {
        try {
          onEvent?.(event);
        } catch (thrown) {
          queueMicrotask(() => {
            throw thrown;
          });
        }
      }
    });

  const leave = (next: WatchState, why?: ProgenyClientError): void => {
    if (state !== 'watching') return;
    state = next;
    error = why;
    if (next === 'stopped') {
      reading = undefined;
      calling = undefined;
    }
    serveReaders();
    onLeave();
  };

  const iterator: AsyncIterator<JobEvent> = {
    next: () =>
      new Promise((resolve, reject) => {
        readers.push({ resolve, reject });
        serveReaders();
      }),
    return: async () => {
      leave('stopped');
      reading = undefined;
      return { done: true, value: undefined };
    },
  };

  if (onEvent) {
    calling = newQueue();
    callLater();
  } else if (keepsForReader) {
    reading = newQueue();
  }

  return {
    watch: {
      get state() {
        return state;
      },
      stop: () => leave('stopped'),
      [Symbol.asyncIterator]: () => {
        if (state === 'watching') reading ??= newQueue();
        return iterator;
      },
    },
    put(event) {
      if (state !== 'watching') return;
      if (calling) {
        calling.put(event);
        callLater();
      }
      if (reading && !reading.put(event)) leave('failed', new ReaderTooSlowError());
      serveReaders();
    },
    finish: leave,
  };
}
