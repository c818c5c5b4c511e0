import { BusError } from '@progeny/event-bus';
import { ErrorCode, NatsError } from 'nats';

/** What a failure of the client means to whoever called. */
export function toBusError(error: unknown, what: string): BusError {
  if (error instanceof BusError) return error;
  const code = error instanceof NatsError ? error.code : undefined;
  const options = { cause: error };
  switch (code) {
    case ErrorCode.NoResponders:
      return new BusError('no_responder', `nobody serves ${what}`, options);
    case ErrorCode.Timeout:
      return new BusError('timeout', `no reply of ${what} in time`, options);
    case ErrorCode.MaxPayloadExceeded:
      return new BusError('too_large', `${what} has more bytes than the NATS server takes`, options);
    default:
      return new BusError('unavailable', `${what} could not be sent: ${String(error)}`, options);
  }
}
