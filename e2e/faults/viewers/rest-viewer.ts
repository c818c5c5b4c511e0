import { setTimeout as delay } from 'node:timers/promises';
import { isParentEnded } from '@progeny/core';
import { createSighting, type Viewer, type ViewerParts } from './viewer.ts';

const POLL_EVERY_MS = 150;
/** The newest; a poll has to come round within a second. */
const POLLED_MAX = 5;

/** Asks for the progress of a few jobs again and again, as a page without a socket does. */
export function pollProgress({ name, parts }: { name: string; parts: ViewerParts }): Viewer {
  const sighting = createSighting(name, 'poller', parts);
  const polled = new Set<string>();
  let closed = false;

  const poll = async () => {
    while (!closed) {
      for (const jobId of [...polled]) {
        const progress = await parts.readProgress(jobId);
        if (!progress) continue;
        sighting.progress(progress);
        if (isParentEnded(progress.status)) polled.delete(jobId);
      }
      await delay(POLL_EVERY_MS);
    }
  };
  poll().catch(() => {}); // the run is over

  return {
    name,
    watches: (jobId) => polled.has(jobId),
    parentCreated(jobId) {
      if (polled.size < POLLED_MAX) polled.add(jobId);
    },
    close() {
      closed = true;
    },
  };
}
