import { createWorker } from './create-worker.ts';
import { readOptions } from './read-options.ts';
import type { WorkerOptions } from './worker.ts';

const good: WorkerOptions = { kind: 'task', handler: () => {}, managerUrl: 'http://127.0.0.1:4000' };

test('what is left out has a default', () => {
  expect(readOptions(good)).toEqual({
    kinds: ['task'],
    handler: good.handler,
    concurrency: 1,
    leaseMs: 30_000,
    drainMs: 10_000,
    name: 'worker',
  });
});

test.each<[string, Partial<WorkerOptions>]>([
  ['kind must name 1 to 20 kinds', { kind: [] }],
  ['kind must name 1 to 20 kinds', { kind: '' }],
  ['natsUrl or managerUrl is needed', { managerUrl: undefined }],
  ['managerUrl must begin with http', { managerUrl: 'nats://127.0.0.1:4222' }],
  ['handler must be a function', { handler: undefined as never }],
  ['concurrency must be a whole number from 1 to 500', { concurrency: 0 }],
  ['concurrency must be a whole number from 1 to 500', { concurrency: 501 }],
  ['leaseMs must be a whole number from 1,000 to 600,000', { leaseMs: 10 }],
  ['drainMs must be a whole number of milliseconds', { drainMs: -1 }],
  ['name must have 1 to 27 letters, digits, "-" or "_"', { name: 'a.b' }],
])('a fault is named: %s', (message, fault) => {
  expect(() => readOptions({ ...good, ...fault })).toThrow(
    expect.objectContaining({ code: 'invalid_options', message }),
  );
});

test('all faults are told in one message, before anything is opened', () => {
  expect(() => createWorker({ kind: [], handler: good.handler })).toThrow(
    'kind must name 1 to 20 kinds; natsUrl or managerUrl is needed',
  );
});
