import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { ServerMessage } from '@progeny/contract';
import { readServerFrame } from '@progeny/contract/testing';
import type { Message } from './test-client.ts';

/** One entry of a stream. */
export interface Entry {
  id?: string;
  message?: ServerMessage;
  comment?: string;
  retryMs?: number;
}

/** A reader of server-sent events that reads on only when it is asked to. */
export interface StreamClient {
  readonly response: IncomingMessage;
  /** Null when the stream has ended. */
  next(): Promise<Entry | null>;
  /** The next message of this type, passing over what is before. */
  message<Type extends ServerMessage['type']>(
    type: Type,
  ): Promise<Message<Type> & { id: string | undefined }>;
}

export async function openStream(
  port: number,
  path = '/sse',
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamClient> {
  const asked = get({ host: '127.0.0.1', port, path, agent: false, headers });
  const [response]: IncomingMessage[] = await once(asked, 'response');
  if (response?.statusCode !== 200) throw new Error(`no stream: ${response?.statusCode}`);
  // What breaks it ends it, too.
  response.on('error', () => {});
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
  let text = '';
  const next = async (): Promise<Entry | null> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const entry = parse(text.slice(0, end));
        text = text.slice(end + 2);
        return entry;
      }
      const { value, done } = await chunks.next().catch(() => ({ value: '', done: true }));
      if (done) return null;
      text += value;
    }
  };
  return {
    response,
    next,
    async message(type) {
      for (;;) {
        const entry = await next();
        if (!entry) throw new Error(`the stream ended before ${type}`);
        if (entry.message?.type === type) return { ...(entry.message as Message<typeof type>), id: entry.id };
      }
    },
  };
}

/** Throws for a message that is none of the protocol, or comes by another name. */
function parse(text: string): Entry {
  const fields = new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );
  const [id, data, comment, retry] = [
    fields.get('id'),
    fields.get('data'),
    fields.get(''),
    fields.get('retry'),
  ];
  const message = data === undefined ? undefined : readServerFrame(data);
  if (message?.type !== fields.get('event')) throw new Error(`another name than its type: ${text}`);
  return {
    ...(id !== undefined && { id }),
    ...(message && { message }),
    ...(comment !== undefined && { comment }),
    ...(retry !== undefined && { retryMs: Number(retry) }),
  };
}
