import {
  type ProgenyEvent,
  plainChecks,
  subjectFilters,
  subjectOf,
  subjectTokenSchema,
  type Topic,
  type TopicEvents,
  topicOf,
  topicSchemas,
} from '@progeny/contract';
import { BusError } from './bus-error.ts';
import type { Headers, Publication, SubscribeOptions } from './event-bus.ts';

export interface EncodedEvent {
  subject: string;
  /** The envelope as JSON: what travels, in memory as on the wire, so that no two handlers share an object. */
  text: string;
  headers: Headers | undefined;
}

/** Throws BusError `invalid_event` or `invalid_subject` for what must not leave. */
export function encodeEvent({ tenantId, event, headers }: Publication): EncodedEvent {
  const topic: Topic | undefined = topicOf(event);
  if (topic === undefined) throw new BusError('invalid_event', `unknown event ${String(event.type)}`);
  const checked = plainChecks[topic](event) ? event : parseEvent(topic, event);
  return {
    subject: subjectFor(tenantId, checked),
    text: toJson(checked),
    headers: headers && checkedHeaders(headers),
  };
}

/** What is to be filled in is, and what the schema does not know of is left out. */
function parseEvent(topic: Topic, event: ProgenyEvent): ProgenyEvent {
  const parsed = topicSchemas[topic].safeParse(event);
  if (parsed.success) return parsed.data;
  throw new BusError('invalid_event', `${event.type}: ${describeIssues(parsed.error.issues)}`);
}

/** The event, or null when the text is not one of the topic. `checked` text came out of `encodeEvent`. */
export function decodeEvent<T extends Topic>(
  topic: T,
  text: string,
  { checked = false } = {},
): TopicEvents[T] | null {
  const value = parseJson(text);
  // The schema of the topic gives the event of the topic; the table's type does not carry that.
  if (checked || plainChecks[topic](value)) return value as TopicEvents[T];
  const parsed = topicSchemas[topic].safeParse(value);
  return parsed.success ? (parsed.data as TopicEvents[T]) : null;
}

/** The subjects to listen on. Throws BusError `invalid_subject` for a filter that would match something else. */
export function encodeFilter<T extends Topic>({ queue, ...filter }: SubscribeOptions<T>): string[] {
  try {
    if (queue !== undefined) subjectTokenSchema.parse(queue);
    return subjectFilters(filter);
  } catch (cause) {
    throw new BusError('invalid_subject', 'the topic, tenant, job or queue cannot be listened to like that', {
      cause,
    });
  }
}

/** One line for people: where, and what is wrong there. */
export function describeIssues(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join('.') || 'it'}: ${message}`)
    .join('; ');
}

/** Undefined for what is not JSON: no JSON text means undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function subjectFor(tenantId: string, event: Publication['event']): string {
  try {
    return subjectOf({ tenantId, event });
  } catch (cause) {
    throw new BusError('invalid_subject', 'the tenant or the job is not a subject token', { cause });
  }
}

function toJson(event: unknown): string {
  try {
    return JSON.stringify(event);
  } catch (cause) {
    throw new BusError('invalid_event', 'the event cannot be written as JSON', { cause });
  }
}

const HEADER_NAME = /^[!-9;-~]+$/;

/** Frozen, so that what was right once stays it. */
const rightHeaders = new WeakSet<Headers>();

/** A line break in a header would start another header, and outer spaces do not survive the wire. */
function checkedHeaders(headers: Headers): Headers {
  if (rightHeaders.has(headers)) return headers;
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name) || /[\r\n]/.test(value) || value.trim() !== value) {
      throw new BusError('invalid_event', `header ${JSON.stringify(name)} cannot be sent as it is`);
    }
  }
  const frozen = Object.isFrozen(headers) ? headers : Object.freeze({ ...headers });
  rightHeaders.add(frozen);
  return frozen;
}
