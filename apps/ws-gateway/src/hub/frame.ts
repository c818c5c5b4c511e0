import type {
  JobEvent,
  JobProgressEvent,
  ParentJobProgressEvent,
  PipelineEvent,
  ServerMessage,
} from '@progeny/contract';

/** A message with its encodings, each made once, when first needed, and shared by all who get it. */
export class Frame {
  #slot: string | undefined;
  #text: string | undefined;
  #bytes: Buffer | undefined;
  #pinged: { bytes: Buffer; nonce: number } | undefined;

  constructor(readonly message: ServerMessage) {}

  /** The job that it is about; empty for one about none. */
  get jobId(): string {
    const { payload } = this.message;
    return 'job_id' in payload ? payload.job_id : '';
  }

  /** Of progress a newer frame with the same one takes its place. */
  get slot(): string {
    this.#slot ??= slotOf(this.message.type, this.jobId);
    return this.#slot;
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.message);
    return this.#text;
  }

  /** As an unmasked WebSocket text frame. */
  get bytes(): Buffer {
    this.#bytes ??= webSocketFrame(TEXT, Buffer.from(this.text));
    return this.#bytes;
  }

  /** The same with a ping behind it, in one piece: its pong says that the frame has come out of every buffer. */
  get pinged(): { bytes: Buffer; nonce: number } {
    if (!this.#pinged) {
      const ping = createPing();
      this.#pinged = { bytes: Buffer.concat([this.bytes, ping.bytes]), nonce: ping.nonce };
    }
    return this.#pinged;
  }
}

export const slotOf = (type: ServerMessage['type'], jobId: string): string => `${type} ${jobId}`;

export type ProgressEvent = ParentJobProgressEvent | JobProgressEvent;
/** Events that have an order, by a version or a `seq`. */
export type LineEvent = Exclude<JobEvent, PipelineEvent>;

/** Of progress the newest counts, and what is older may be left out; lifecycle events are all told. */
export const isProgress = (event: JobEvent): event is ProgressEvent =>
  event.type === 'parent_job_progress' || event.type === 'JOB_PROGRESS';

const TEXT = 0x1;
const PING = 0x9;
const FINAL = 0x80;
const NONCE_BYTES = 6;

let lastNonce = 0;

/** A ping frame whose nonce is higher than that of any before, on whatever connection. */
export function createPing(): { bytes: Buffer; nonce: number } {
  lastNonce += 1;
  const payload = Buffer.alloc(NONCE_BYTES);
  payload.writeUIntBE(lastNonce, 0, NONCE_BYTES);
  return { bytes: webSocketFrame(PING, payload), nonce: lastNonce };
}

/** The nonce that a pong brings back; null for a pong that answers no ping of ours. */
export const readNonce = (payload: Buffer): number | null =>
  payload.length === NONCE_BYTES ? payload.readUIntBE(0, NONCE_BYTES) : null;

/** RFC 6455, 5.2. */
function webSocketFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([FINAL | opcode, length]), payload]);
  if (length < 65_536) {
    const header = Buffer.from([FINAL | opcode, 126, 0, 0]);
    header.writeUInt16BE(length, 2);
    return Buffer.concat([header, payload]);
  }
  const header = Buffer.alloc(10);
  header[0] = FINAL | opcode;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}
