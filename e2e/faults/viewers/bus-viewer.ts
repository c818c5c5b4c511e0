import { SILENT_LOG } from '@progeny/event-bus';
import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { createSighting, type Viewer, type ViewerParts } from './viewer.ts';

/**
 * Listens to the bus itself, as `nats sub` does. Its events may come twice, late or never, so it does not have to
 * converge; what it takes by the rule of docs/EVENTS.md has to be right all the same.
 */
export function listenToBus({
  name,
  natsUrl,
  parts,
}: {
  name: string;
  natsUrl: string;
  parts: ViewerParts;
}): Viewer {
  const sighting = createSighting(name, 'bus', parts);
  const bus = connectNatsEventBus({ url: natsUrl, name, log: SILENT_LOG });
  bus.subscribe({ topic: 'parent_job_progress' }, (event) => sighting.event(event));
  bus.subscribe({ topic: 'job_lifecycle' }, (event) => sighting.event(event));
  return {
    name,
    owes: () => false,
    parentCreated: () => {},
    close: () => bus.close(),
  };
}
