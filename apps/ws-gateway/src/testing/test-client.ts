import { once } from 'node:events';
import type { ClientMessage, ServerMessage } from '@progeny/contract';
import { readServerFrame, writeClientFrame } from '@progeny/contract/testing';
import { type ClientOptions, WebSocket } from 'ws';

export type Message<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** A client that holds every frame against the protocol, both those it gets and those it sends. */
export interface TestClient {
  readonly socket: WebSocket;
  /** All that came, in its order. */
  readonly messages: readonly ServerMessage[];
  /** The next message of this type; those before it are passed over. Rejects when the line ends before. */
  next<Type extends ServerMessage['type']>(type: Type): Promise<Message<Type>>;
  say(message: ClientMessage): void;
  /** What no client should send. */
  sayAnyhow(data: string | Buffer): void;
  subscribe(...jobIds: string[]): void;
  /** Resolves when all that the gateway had to say before has come. */
  settled(): Promise<void>;
  /** The code it was closed with. */
  readonly closed: Promise<number>;
}

export interface ConnectOptions extends ClientOptions {
  protocols?: string[];
}

/** `onFault` is told of a frame that the protocol does not know. */
export async function connectClient(
  url: string,
  { protocols = [], ...options }: ConnectOptions,
  onFault: (error: unknown) => void,
): Promise<TestClient> {
  const socket = new WebSocket(url, protocols, options);
  const client = createClient(socket, onFault);
  await once(socket, 'open');
  return client;
}

function createClient(socket: WebSocket, onFault: (error: unknown) => void): TestClient {
  const messages: ServerMessage[] = [];
  let read = 0;
  let end: string | null = null;
  let wake = () => {};
  socket.on('message', (data) => {
    try {
      messages.push(readServerFrame(data.toString()));
    } catch (error) {
      onFault(error);
    }
    wake();
  });
  // 'close' follows.
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => {
    socket.once('close', (code) => {
      end = `closed with ${code}`;
      resolve(code);
      wake();
    });
  });
  const say = (message: ClientMessage) => socket.send(writeClientFrame(message));
  const next = async <Type extends ServerMessage['type']>(type: Type): Promise<Message<Type>> => {
    for (;;) {
      const index = messages.findIndex((message, at) => at >= read && message.type === type);
      if (index >= 0) {
        read = index + 1;
        return messages[index] as Message<Type>;
      }
      if (end !== null) throw new Error(`${end} before ${type}, after ${messages.at(-1)?.type}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    socket,
    messages,
    next,
    say,
    sayAnyhow: (data) => socket.send(data),
    subscribe: (...jobIds) => say({ type: 'subscribe', payload: { job_ids: jobIds } }),
    async settled() {
      say({ type: 'ping' });
      await next('pong');
    },
    closed,
  };
}
