import {
  CLOSE_MEANINGS,
  CloseCode,
  clientMessageSchema,
  controlMessageSchema,
  jobEventSchema,
  mayReconnect,
} from '@progeny/contract';
import { z } from 'zod';
import { code, table } from './markdown-table.ts';

export const clientMessages = (): string => messages(clientMessageSchema.options);
export const gatewayMessages = (): string =>
  messages([...controlMessageSchema.options, ...jobEventSchema.options]);

interface PayloadSchema {
  properties?: Record<string, unknown>;
  required?: string[];
}

/** Each message with the fields of its payload; a question mark after those that may be absent. */
function messages(schemas: readonly z.ZodObject[]): string {
  const rows = schemas.map((schema) => {
    const { properties = {}, description = '' } = z.toJSONSchema(schema, { io: 'input' }) as {
      properties?: { type?: { const?: string }; payload?: PayloadSchema };
      description?: string;
    };
    const { properties: fields = {}, required = [] } = properties.payload ?? {};
    const names = Object.keys(fields).map((name) => (required.includes(name) ? name : `${name}?`));
    return [code(properties.type?.const), names.map(code).join(' '), description];
  });
  return table(['type', 'payload', 'what it says'], rows);
}

export function closeCodes(): string {
  const rows = Object.entries(CloseCode).map(([name, value]) => [
    code(value),
    name,
    CLOSE_MEANINGS[name as keyof typeof CloseCode],
    mayReconnect(value) ? 'yes' : 'no',
  ]);
  return table(['code', 'name', 'why', 'come back'], rows);
}
