import type { JobEvent, ProgenyClient, StoredStep } from '@progeny/client';
import { createReading, NOTHING_READ } from './reading.ts';
import type { JobSteps } from './use-job-steps.ts';

/** As many as the manager keeps. */
const STEPS_KEPT = 200;
/** Between two reads of the steps of one job. */
const READ_GAP_MS = 1_000;
/** Without a gateway that tells them, steps are read again this long after the job got further. */
const READ_AFTER_MS = 5_000;

export interface StepFeed {
  /** The same object until it changes. */
  get(): JobSteps;
  /** Watches and reads until the way out, which it returns, is taken. */
  follow(onChange: () => void): () => void;
}

/**
 * What was told live goes on where what was read ends. It is read anew whenever something may have been left out: after
 * each subscribe, when a number is missing, at the end of a run, and a while after progress that no step came with.
 */
export function createStepFeed(client: ProgenyClient, jobId: string): StepFeed {
  let state: JobSteps = { steps: [], ...NOTHING_READ };

  return {
    get: () => state,
    follow(onChange) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const set = (next: JobSteps): void => {
        state = next;
        onChange();
      };
      const reading = createReading({
        gapMs: READ_GAP_MS,
        read: (signal) => client.steps(jobId, { signal }),
        onRead: (read) => set({ steps: merged(state.steps, read), isLoading: false, error: null }),
        onFailed: (error) => {
          set({ ...state, isLoading: false, error });
          readLater();
        },
      });
      const readLater = (): void => {
        timer ??= setTimeout(readNow, READ_AFTER_MS);
      };
      const readNow = (): void => {
        clearTimeout(timer);
        timer = undefined;
        reading.request();
      };
      const hear = (event: JobEvent): void => {
        switch (event.type) {
          case 'pipeline_event': {
            clearTimeout(timer);
            timer = undefined;
            const { number, at, step } = event.payload;
            const last = state.steps.at(-1)?.number ?? 0;
            if (number > last + 1) reading.request();
            set({ ...state, steps: merged(state.steps, [{ number, at, step }]) });
            break;
          }
          case 'parent_job_progress':
          case 'JOB_PROGRESS':
          case 'JOB_STARTED':
            readLater();
            break;
          default:
            readNow();
        }
      };
      const watch = client.watch(jobId, hear, { acrossRuns: true });
      const leave = client.onSubscribed(jobId, readNow);
      readNow();
      return () => {
        clearTimeout(timer);
        reading.stop();
        watch.stop();
        leave();
      };
    },
  };
}

/** Both, each once, by number; the newest that are kept. */
function merged(known: readonly StoredStep[], more: readonly StoredStep[]): readonly StoredStep[] {
  const byNumber = new Map([...known, ...more].map((step) => [step.number, step]));
  if (byNumber.size === known.length) return known;
  return [...byNumber.values()].sort((a, b) => a.number - b.number).slice(-STEPS_KEPT);
}
