import { type ControlMessage, REFUSALS, type RefusalCode } from '@progeny/contract';
import { Frame } from '../hub/frame.ts';
import type { Reader } from '../hub/reader.ts';

/** Answers a client; the fields are those of the message in the contract. */
export function sendControl<Type extends ControlMessage['type']>(
  reader: Pick<Reader, 'send'>,
  type: Type,
  payload: Extract<ControlMessage, { type: Type }>['payload'],
): void {
  reader.send(new Frame({ type, payload, timestamp: new Date().toISOString() } as ControlMessage));
}

/** These jobs are not watched; the connection stays. */
export const sendRefusal = (reader: Reader, code: RefusalCode, jobIds: string[]): void =>
  sendControl(reader, 'refused', { code, ...REFUSALS[code], job_ids: jobIds });
