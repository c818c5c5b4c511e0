import { connect, type WebSocketClass } from '@progeny/client';
import { WebSocket } from 'ws';
import type { Random } from '../../faults/random.ts';
import { createLookers } from '../../lookers.ts';
import { createRecord, type Record } from './record.ts';

/** One who watches jobs with `@progeny/client`, and is told each lifecycle event once, whatever happens to the line. */
export interface User {
  readonly record: Record;
  /** Resolves when it is so; looked at whenever something has come. */
  when(isSo: () => boolean): Promise<void>;
  /** Its lines are gone; the client knows when to come back. */
  cut(): void;
  close(): void;
}

export interface UserOptions {
  name: string;
  urls(): readonly string[];
  /** Of which nothing has happened yet. */
  jobIds: readonly string[];
  random: Random;
}

const FINE = 1_000_000;

export function createUser({ name, urls, jobIds, random }: UserOptions): User {
  // All that it is told counts as one connection, so what comes twice is a fault.
  const record = createRecord(name);
  record.subscribed({ epoch: '', jobs: jobIds.map((job_id) => ({ job_id, recovered: false, seq: 0 })) });
  const lines = new Set<WebSocket>();
  const lookers = createLookers();
  class Line extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols);
      lines.add(this);
      this.on('close', () => lines.delete(this));
    }
  }
  const client = connect({
    url: () => random.pick(urls()),
    WebSocket: Line as unknown as WebSocketClass,
    random: () => random.int(0, FINE - 1) / FINE,
  });
  const watches = jobIds.map((jobId) =>
    client.watch(jobId, (event) => {
      record.event(event);
      lookers.look();
    }),
  );
  return {
    record,
    when: lookers.when,
    cut() {
      for (const line of lines) line.terminate();
    },
    close() {
      const failed = watches.filter(({ state }) => state === 'failed').length;
      if (failed > 0) record.complain(`${failed} watches failed`);
      client.close();
    },
  };
}
