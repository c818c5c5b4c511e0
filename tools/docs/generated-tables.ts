import { LIMITS, PROBLEMS, topicSchemas } from '@progeny/contract';
import { crawlWorkerConfigSchema } from '@progeny/crawl-worker';
import { managerConfigSchema } from '@progeny/manager';
import { executorConfigSchema } from '@progeny/parent-executor';
import { gatewayConfigSchema } from '@progeny/ws-gateway';
import { z } from 'zod';
import { layersTable } from '../layers/layers-table.ts';
import { table } from './markdown-table.ts';

/** The tables in docs that the code itself knows, by the name of their place: `<!-- table:NAME -->`. */
export const generatedTables: Record<string, () => string> = {
  environment,
  problems,
  limits,
  layers: layersTable,
  job_status_change: () => payloadFields(topicSchemas.job_status_change),
  parent_job_progress: () => payloadFields(topicSchemas.parent_job_progress),
};

const SERVICES = {
  manager: managerConfigSchema,
  'parent-executor': executorConfigSchema,
  'ws-gateway': gatewayConfigSchema,
  'crawl-worker': crawlWorkerConfigSchema,
};

function environment(): string {
  const readBy = new Map<string, { services: string[]; schema: z.ZodType }>();
  for (const [service, config] of Object.entries(SERVICES)) {
    for (const [name, schema] of Object.entries<z.ZodType>(config.shape)) {
      const entry = readBy.get(name) ?? { services: [], schema };
      entry.services.push(service);
      readBy.set(name, entry);
    }
  }
  const rows = [...readBy].map(([name, { services, schema }]) => [
    `\`${name}\``,
    services.length === Object.keys(SERVICES).length ? 'all' : services.join(', '),
    code(defaultOf(schema)),
    schema.description ?? '',
  ]);
  return table(['variable', 'read by', 'default', 'what it sets'], rows);
}

/** What the field is when the variable is missing; undefined for an optional one. */
const defaultOf = (schema: z.ZodType): unknown => {
  const parsed = schema.safeParse(undefined);
  return parsed.success ? parsed.data : 'none, it must be set';
};

function problems(): string {
  const rows = Object.entries(PROBLEMS).map(([name, { status, title }]) => [
    `\`${name}\``,
    String(status),
    title,
  ]);
  return table(['code', 'status', 'meaning'], rows);
}

/** What each limit bounds, and what happens beyond it. */
const LIMIT_MEANINGS: Record<keyof typeof LIMITS, string> = {
  httpBodyMaxBytes: 'body of an HTTP request; beyond it 413 `body_too_large`',
  seedsPerCrawl: 'seeds of one crawl; beyond it 400',
  childrenPerRequest: 'children in one request; beyond it 400',
  statusReportsPerRequest: 'status reports in one request; beyond it 400',
  workerBatch: 'children in one claim, report or heartbeat; beyond it the request is refused',
  linksPerReport: 'children found by one page; the worker keeps the first',
  childKeyMaxBytes: 'key of a child in UTF-8; beyond it 400',
  payloadMaxBytes: 'payload or result of a child as JSON; beyond it 400',
  sealTimeoutMaxSeconds: '`seal_timeout_seconds` of a job, a week; beyond it 400',
  pageTextMaxChars: 'text kept of one page; the rest is cut',
  explainedChildren: 'children of each open status that an explanation names: the oldest',
  explainedChanges: 'changes not counted yet that an explanation counts; more stand as this many',
  listPageMax: 'entries of one page of a list; beyond it 400',
  listPageDefault: 'entries of one page of a list when none is asked for',
  wsFrameMaxBytes: 'frame from a WebSocket client; beyond it the connection is closed with 1009',
  wsJobsPerConnection: 'jobs that one connection watches; beyond it `too_many_jobs`',
  wsBufferMaxBytes: 'unsent data of one connection; beyond it the connection is cut off',
};

function limits(): string {
  return table(
    ['limit', 'value', 'what it bounds'],
    Object.entries(LIMITS).map(([name, value]) => [
      `\`${name}\``,
      value.toLocaleString('en'),
      LIMIT_MEANINGS[name as keyof typeof LIMITS],
    ]),
  );
}

interface FieldSchema {
  type?: string;
  format?: string;
  enum?: string[];
  anyOf?: FieldSchema[];
  description?: string;
}

function payloadFields(event: z.ZodObject): string {
  const payload = event.shape.payload;
  if (!(payload instanceof z.ZodObject)) throw new TypeError('the payload of an event is an object');
  const { properties = {}, required = [] } = z.toJSONSchema(payload) as {
    properties?: Record<string, FieldSchema>;
    required?: string[];
  };
  const rows = Object.entries(properties).map(([name, field]) => [
    `\`${name}\``,
    `${typeOf(field)}${required.includes(name) ? '' : ', may be absent'}`,
    field.description ?? '',
  ]);
  return table(['field', 'type', 'meaning'], rows);
}

function typeOf(field: FieldSchema): string {
  if (field.anyOf) return [...new Set(field.anyOf.map(typeOf))].join(' or ');
  if (field.enum) return field.enum.map((value) => `\`${value}\``).join(' ');
  return field.format ?? field.type ?? 'any';
}

const code = (value: unknown): string => (value === undefined ? '' : `\`${String(value)}\``);
