/** What is used of an event of a socket. */
export interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
}

/** What is used of a WebSocket: the browser's own fits, Node's too, and that of the package `ws`. */
export interface WebSocketLike {
  send(data: string): void;
  close(): void;
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: SocketEvent) => void,
  ): void;
}

export type WebSocketClass = new (url: string, protocols?: string | string[]) => WebSocketLike;
