import { setTimeout as delay } from 'node:timers/promises';
import { isParentEnded } from '@progeny/core';
import { createSighting, type Viewer, type ViewerParts } from './viewer.ts';

const POLL_EVERY_MS = 200;
const POLLED_MAX = 5;

/** Asks for the progress of a few jobs again and again, as a page without a socket does. */
export function pollProgress({ name, parts }: { name: string; parts: ViewerParts }): Viewer {
  const sighting = createSighting(name, 'poller', parts);
  const polled = new Set<string>();
  let closed = false;

  const poll = async (jobId: string) => {
    polled.add(jobId);
    while (!closed && polled.has(jobId)) {
      const progress = await parts.readProgress(jobId);
      if (progress) sighting.progress(progress);
      if (progress && isParentEnded(progress.status)) polled.delete(jobId);
      await delay(POLL_EVERY_MS);
    }
  };

  return {
    name,
    owes: ({ jobId }) => polled.has(jobId),
    parentCreated(jobId) {
      if (polled.size < POLLED_MAX) poll(jobId).catch(() => {}); // the run is over
    },
    close() {
      closed = true;
    },
  };
}
