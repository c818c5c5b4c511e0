import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import { asyncApi } from '../async-api.ts';
import type { ClientMessage, ServerMessage } from '../realtime.ts';

/**
 * A frame from the gateway, held against the JSON Schema that the AsyncAPI document has for its type. Throws
 * FrameError for what is no text of JSON, has no such type, or breaks its schema.
 */
export const readServerFrame = (text: string): ServerMessage => check('receive', text) as ServerMessage;

/** The same for a frame to the gateway. */
export const readClientFrame = (text: string): ClientMessage => check('send', text) as ClientMessage;

/** The text to send; throws FrameError for what is no message of a client. */
export function writeClientFrame(message: ClientMessage): string {
  const text = JSON.stringify(message);
  check('send', text);
  return text;
}

/** A frame that the protocol does not know. */
export class FrameError extends Error {
  readonly code = 'not_of_the_protocol';

  constructor(detail: string, text: string) {
    super(`${detail}: ${text.slice(0, 500)}`);
    this.name = 'FrameError';
  }
}

type Direction = 'send' | 'receive';

/** By direction, then by type; made once. */
let schemas: Readonly<Record<Direction, ReadonlyMap<string, ValidateFunction>>> | undefined;

function check(direction: Direction, text: string): unknown {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new FrameError('not JSON', text);
  }
  schemas ??= compile();
  const type = message instanceof Object && 'type' in message ? String(message.type) : '';
  const isOfType = schemas[direction].get(type);
  if (!isOfType) throw new FrameError(`no message to ${direction} has the type "${type}"`, text);
  if (!isOfType(message)) throw new FrameError(JSON.stringify(isOfType.errors), text);
  return message;
}

function compile() {
  const { operations, components } = asyncApi();
  // Each format has a pattern beside it, which says the same.
  const ajv = new Ajv2020({ validateFormats: false, allErrors: true });
  const of = (direction: Direction) =>
    new Map(
      operations[direction].messages.map(({ $ref }) => {
        const name = $ref.slice($ref.lastIndexOf('/') + 1);
        const message = components.messages[name];
        if (!message) throw new TypeError(`the document has no message ${name}`);
        return [name, ajv.compile(message.payload)];
      }),
    );
  return { send: of('send'), receive: of('receive') };
}
