import type { RequestProvider } from '@crawlee/basic';
import { around } from './around.ts';

export type QueueClient = RequestProvider['client'];
/** A request as its queue stores it. */
export type StoredRequest = Parameters<QueueClient['addRequest']>[0];

export interface QueueListener {
  /** It stands in the queue now, and did not before. */
  onAdded(request: StoredRequest): void;
  /** It will not be given out again. */
  onHandled(request: StoredRequest): void;
}

const listenersOf = new WeakMap<QueueClient, Set<QueueListener>>();

/**
 * Tells what is added to a queue and what is done with, whoever does it, where the queue writes to its storage: there
 * every request has its key and passes once. Returns how to stop. Crawlers that share a queue share one hook.
 */
export function watchQueue(queue: RequestProvider, listener: QueueListener): () => void {
  // Nothing is known of a request manager of somebody's own making but what comes out of it.
  const client: QueueClient | undefined = queue.client;
  if (client === undefined) return () => {};
  const listeners = listenersOf.get(client) ?? hook(client);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function hook(client: QueueClient): Set<QueueListener> {
  const listeners = new Set<QueueListener>();
  listenersOf.set(client, listeners);
  const added = (request: StoredRequest) => {
    for (const listener of listeners) listener.onAdded(request);
  };
  around(client, 'addRequest', (original) => async (request, options) => {
    const answer = await original(request, options);
    if (!answer.wasAlreadyPresent) added(request);
    return answer;
  });
  around(client, 'batchAddRequests', (original) => async (requests, options) => {
    const answer = await original(requests, options);
    const fresh = new Set(
      answer.processedRequests.filter((one) => !one.wasAlreadyPresent).map(({ uniqueKey }) => uniqueKey),
    );
    for (const request of requests) if (fresh.has(request.uniqueKey)) added(request);
    return answer;
  });
  around(client, 'updateRequest', (original) => async (request, options) => {
    const answer = await original(request, options);
    if (request.handledAt) for (const listener of listeners) listener.onHandled(request);
    return answer;
  });
  return listeners;
}
