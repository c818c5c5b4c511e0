import { z } from 'zod';
import { CLOSE_MEANINGS, CloseCode } from './close-codes.ts';
import { clientMessageSchema, controlMessageSchema, jobEventSchema, SUBPROTOCOL } from './realtime.ts';

type MessageSchema = z.ZodType & { shape: { type: { value: string } } };

const DIRECTIONS = {
  toGateway: clientMessageSchema.options,
  toClient: [...controlMessageSchema.options, ...jobEventSchema.options],
} as const;
type Direction = keyof typeof DIRECTIONS;

/**
 * The gateway's protocol as an AsyncAPI 3 document: each message with its JSON Schema, made from the schemas that
 * both sides check with.
 */
export function asyncApi() {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Progeny, the realtime gateway',
      version: SUBPROTOCOL,
      description: `Progress and lifecycle of parent jobs, live. Close codes: ${closeCodesInWords()}.`,
    },
    defaultContentType: 'application/json',
    channels: {
      ws: {
        address: '/ws',
        title: `WebSocket, subprotocol ${SUBPROTOCOL}`,
        messages: { ...references('toGateway'), ...references('toClient') },
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
      sse: {
        address: '/sse',
        title: 'Server-sent events: the same messages, the type as the name of the event',
        messages: references('toClient'),
      },
    },
    operations: {
      receive: operation('ws', 'send', 'toClient'),
      send: operation('ws', 'receive', 'toGateway'),
      stream: operation('sse', 'send', 'toClient'),
    },
    components: { messages: { ...messages('toGateway'), ...messages('toClient') } },
  };
}

const typesOf = (direction: Direction) =>
  (DIRECTIONS[direction] as readonly MessageSchema[]).map((schema) => ({
    name: schema.shape.type.value,
    schema,
  }));

const references = (direction: Direction) =>
  Object.fromEntries(typesOf(direction).map(({ name }) => [name, { $ref: `#/components/messages/${name}` }]));

const messages = (direction: Direction) =>
  Object.fromEntries(
    typesOf(direction).map(({ name, schema }) => {
      const { $schema: _, ...payload } = z.toJSONSchema(schema, { io: 'input' });
      return [name, { name, summary: payload.description ?? name, payload }];
    }),
  );

/** AsyncAPI speaks of what the gateway does. */
const operation = (channel: string, action: 'send' | 'receive', direction: Direction) => ({
  action,
  channel: { $ref: `#/channels/${channel}` },
  messages: typesOf(direction).map(({ name }) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
});

const closeCodesInWords = () =>
  Object.entries(CloseCode)
    .map(([name, code]) => `${code} ${CLOSE_MEANINGS[name as keyof typeof CloseCode]}`)
    .join('; ');
