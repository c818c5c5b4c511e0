/** Why the gateway closes a connection. */
export const CloseCode = {
  ProtocolError: 1002,
  InvalidText: 1007,
  TooManyFragments: 1008,
  MessageTooBig: 1009,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  HeartbeatLost: 4001,
  SlowConsumer: 4002,
  TokenExpired: 4003,
  BadMessage: 4400,
  Unauthorized: 4401,
  Forbidden: 4403,
  LimitExceeded: 4429,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** What each code means to whoever is closed. */
export const CLOSE_MEANINGS: Record<keyof typeof CloseCode, string> = {
  ProtocolError:
    'the bytes break the WebSocket protocol: a reserved bit or opcode, no mask, a bad control frame',
  InvalidText: 'a text message is not UTF-8',
  TooManyFragments: 'a message comes in too many fragments',
  MessageTooBig: 'a message is longer than the limit',
  ServiceRestart: 'the gateway restarts; it said `reconnect` before',
  TryAgainLater: 'the gateway cannot verify tokens at the moment',
  HeartbeatLost: 'no answer to a ping for too long',
  SlowConsumer: 'the reader did not keep up with what must not be left out',
  TokenExpired: 'the token has expired; come back with a fresh one',
  BadMessage: 'a message is not JSON, or not one of this protocol',
  Unauthorized: 'no token within the time, or one that does not hold',
  Forbidden: 'a fresh token is of somebody else',
  LimitExceeded: 'more messages or pings a second, or more connections of one user, than the limit',
};

/** Whether to come back after a close, with full jitter. After a 44xx the same behaviour would end in the same way. */
export const mayReconnect = (code: number): boolean => code < 4400 || code > 4499;
