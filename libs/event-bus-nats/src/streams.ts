import { TOPICS, type Topic } from '@progeny/contract';
import type { BusLog } from '@progeny/event-bus';
import {
  connect,
  type JetStreamManager,
  type NatsConnection,
  nanos,
  StorageType,
  type StreamConfig,
} from 'nats';
import { serverOptions } from './server-options.ts';

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

/**
 * What each history stream keeps, the stream being named after its topic; beyond `max_bytes` the oldest goes.
 * NATS 2.9.10 still stores 50,000 messages a second at that bound, with 300,000 subjects.
 */
export const STREAMS: Readonly<Record<Topic, Partial<StreamConfig>>> = {
  job_status_change: { max_age: nanos(HOUR_MS), max_bytes: 1024 * MIB },
  parent_job_progress: { max_age: nanos(24 * HOUR_MS), max_bytes: 256 * MIB, max_msgs_per_subject: 1 },
  // These two have a subject for each child: the bound is what keeps them few.
  job_lifecycle: { max_age: nanos(24 * HOUR_MS), max_bytes: 256 * MIB },
  pipeline_event: { max_age: nanos(HOUR_MS), max_bytes: 128 * MIB },
  job_command: { max_age: nanos(24 * HOUR_MS), max_bytes: 64 * MIB },
};

/** Creates the streams, or brings them to their present shape. Only logs when the server keeps no streams. */
export async function ensureStreams({ url, log }: { url: string; log: BusLog }): Promise<void> {
  const nc = await connect({ ...serverOptions(url), name: 'ensure-streams' });
  try {
    await ensureStreamsOn(nc, log);
  } finally {
    await nc.close();
  }
}

/** Never rejects: history is a comfort for whoever debugs. */
export async function ensureStreamsOn(nc: NatsConnection, log: BusLog): Promise<void> {
  try {
    const manager = await nc.jetstreamManager();
    for (const topic of TOPICS) await ensureStream(manager, topic);
  } catch (err) {
    log.warn({ err }, 'no history of events: JetStream did not take the streams');
  }
}

async function ensureStream(manager: JetStreamManager, topic: Topic): Promise<void> {
  const wanted: Partial<StreamConfig> & { name: string } = {
    name: topic,
    subjects: [`${topic}.>`],
    storage: StorageType.File,
    // Nobody waits for the stream, and its answer would go to the inbox of a `publishSync`.
    no_ack: true,
    ...STREAMS[topic],
  };
  const names = await manager.streams.names(`${topic}.>`).next();
  if (!names.includes(topic)) {
    await manager.streams.add(wanted);
    return;
  }
  const { config } = await manager.streams.info(topic);
  const differs = Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(config[key as keyof StreamConfig]) !== JSON.stringify(value),
  );
  if (differs) await manager.streams.update(topic, wanted);
}
