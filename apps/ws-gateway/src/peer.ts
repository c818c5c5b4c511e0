import type { ServerMessage } from '@progeny/contract';

/** A message with its text, which is made once and shared by all who get it. */
export interface Frame {
  message: ServerMessage;
  text: string;
}

/** One connected client, whatever carries its frames. */
export interface Peer {
  readonly id: string;
  send(frame: Frame): void;
}

export const toFrame = (message: ServerMessage): Frame => ({ message, text: JSON.stringify(message) });
