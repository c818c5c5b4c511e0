import { BusError } from '@progeny/event-bus';
import { type Msg, type NatsConnection, nuid } from 'nats';

/** Marks a message whose handlers' ends somebody waits for. Never a plain `nats request` of a debugger. */
const SYNC_INBOX = '_INBOX.progeny-sync.';

/** How long receivers have to say that they got the message. NATS itself does not tell how many there are. */
const RECEIPT_WINDOW_MS = 200;

export interface Gathering {
  /** What the message must carry as its reply subject. */
  reply: string;
  /** Call it right after the publish. Resolves when all known handlers have ended; rejects when the link breaks. */
  ended(): Promise<void>;
  cancel(): void;
}

/**
 * The publisher's half of `publishSync`: every receiver answers `+id` at once and `-id` when its handler has ended.
 * Known are those who answer within the window; it is not waited for when the server says that nobody listens.
 */
export function createSyncPublisher(nc: NatsConnection): () => Gathering {
  const prefix = `${SYNC_INBOX}${nuid.next()}`;
  const open = new Map<string, (msg: Msg) => void>();
  let count = 0;
  nc.subscribe(`${prefix}.*`, {
    callback: (error, msg) => {
      if (!error) open.get(msg.subject)?.(msg);
    },
  });

  return () => {
    count += 1;
    const reply = `${prefix}.${count}`;
    const running = new Set<string>();
    let windowClosed = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let resolve = () => {};
    let reject: (error: BusError) => void = () => {};
    const allEnded = new Promise<void>((onEnd, onBreak) => {
      resolve = onEnd;
      reject = onBreak;
    });
    const closeWindow = () => {
      // After one more round trip, so that a stall of this very process cannot hide an answer that is here already.
      nc.flush().then(
        () => {
          windowClosed = true;
          if (running.size === 0) resolve();
        },
        (cause: unknown) => reject(new BusError('unavailable', 'the connection broke', { cause })),
      );
    };
    open.set(reply, (msg) => {
      const text = msg.string();
      if (text.startsWith('+')) running.add(text.slice(1));
      if (text.startsWith('-')) running.delete(text.slice(1));
      if (running.size === 0 && (windowClosed || isNobody(msg))) resolve();
    });
    return {
      reply,
      ended: () => {
        timer = setTimeout(closeWindow, RECEIPT_WINDOW_MS);
        return allEnded;
      },
      cancel: () => {
        clearTimeout(timer);
        open.delete(reply);
      },
    };
  };
}

/** The server's own answer when a subject has no subscriber at all. */
function isNobody(msg: Msg): boolean {
  return msg.data.length === 0 && msg.headers?.code === 503;
}

/** The receiver's half: runs the handler between the two answers. */
export async function handleWithReceipt(msg: Msg, handler: () => unknown): Promise<void> {
  const id = nuid.next();
  answer(msg, `+${id}`);
  try {
    await handler();
  } finally {
    answer(msg, `-${id}`);
  }
}

export function wantsReceipt(msg: Msg): boolean {
  return msg.reply?.startsWith(SYNC_INBOX) ?? false;
}

function answer(msg: Msg, text: string): void {
  try {
    msg.respond(text);
  } catch {
    // The connection is closed: the publisher runs into its time limit.
  }
}
