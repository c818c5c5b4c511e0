import { Queue } from 'bullmq';
import type { AnyQueue } from './bridge.ts';

/** The attached queue, and others beside it by their qualified name, which are opened for reading. */
export interface Queues {
  get(qualifiedName: string): AnyQueue;
  /** Closes those that were opened here. */
  close(): Promise<void>;
}

export function createQueues(attached: AnyQueue): Queues {
  const opened = new Map<string, AnyQueue>();
  return {
    get(qualifiedName) {
      if (qualifiedName === attached.qualifiedName) return attached;
      const known = opened.get(qualifiedName);
      if (known) return known;
      const at = qualifiedName.lastIndexOf(':');
      const { connection } = attached.opts;
      const prefix = qualifiedName.slice(0, at);
      const queue = new Queue(qualifiedName.slice(at + 1), { connection, prefix, skipMetasUpdate: true });
      // What cannot be read now is read again with the next repair.
      queue.on('error', () => {});
      opened.set(qualifiedName, queue);
      return queue;
    },
    async close() {
      await Promise.all([...opened.values()].map((queue) => queue.close()));
      opened.clear();
    },
  };
}
