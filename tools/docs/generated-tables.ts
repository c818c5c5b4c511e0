import { PROBLEMS, topicSchemas } from '@progeny/contract';
import { crawlWorkerConfigSchema } from '@progeny/crawl-worker';
import { managerConfigSchema } from '@progeny/manager';
import { executorConfigSchema } from '@progeny/parent-executor';
import { gatewayConfigSchema } from '@progeny/ws-gateway';
import { z } from 'zod';
import { layersTable } from '../layers/layers-table.ts';
import { childCommands, parentCommands } from './command-tables.ts';
import { limits, protocolLimits } from './limit-tables.ts';
import { code, table } from './markdown-table.ts';
import { clientMessages, closeCodes, gatewayMessages } from './protocol-tables.ts';
import { childStates, nestedBuckets, parentStates } from './state-diagrams.ts';

/** The tables in docs that the code itself knows, by the name of their place: `<!-- table:NAME -->`. */
export const generatedTables: Record<string, () => string | Promise<string>> = {
  environment,
  problems,
  limits,
  protocol_limits: protocolLimits,
  client_messages: clientMessages,
  gateway_messages: gatewayMessages,
  close_codes: closeCodes,
  layers: layersTable,
  child_states: childStates,
  parent_states: parentStates,
  nested_buckets: nestedBuckets,
  parent_commands: parentCommands,
  child_commands: childCommands,
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
