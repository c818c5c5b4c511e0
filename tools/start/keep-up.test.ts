import { keepUp } from './keep-up.ts';
import type { Server } from './servers.ts';

/** A server that the test ends, or that is stopped. */
function server() {
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const stop = jest.fn(() => Promise.resolve(end()));
  const handle: Server = { url: 'nats://127.0.0.1:4222', detail: '', ended, stop };
  return { handle, end: () => end(), stop };
}

function scene(...attempts: (Server | Error)[]) {
  const notices: string[] = [];
  const closing = new AbortController();
  const waiting: (() => void)[] = [];
  const options = {
    name: 'NATS',
    again: () => {
      const next = attempts.shift();
      return next instanceof Error || !next ? Promise.reject(next) : Promise.resolve(next);
    },
    onNotice: (text: string) => {
      notices.push(text);
      for (const look of waiting) look();
    },
    closing: closing.signal,
  };
  const noticed = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (notices.includes(text)) resolve();
      };
      waiting.push(look);
      look();
    });
  return { options, closing, notices, noticed };
}

test('a server that ended is brought back, and it is that one which is stopped', async () => {
  const [first, second] = [server(), server()];
  const { options, closing, noticed } = scene(second.handle);
  const stop = keepUp(first.handle, options);
  first.end();
  await noticed('NATS works again');
  closing.abort();
  await stop();
  expect(first.stop).not.toHaveBeenCalled();
  expect(second.stop).toHaveBeenCalledTimes(1);
});

test('one that does not start at once is tried again', async () => {
  const [first, second] = [server(), server()];
  const { options, closing, notices, noticed } = scene(new Error('port 4222 is taken'), second.handle);
  const stop = keepUp(first.handle, options);
  first.end();
  await noticed('NATS works again');
  expect(notices).toEqual([
    'NATS ended by itself; starting it again',
    'NATS does not start: port 4222 is taken',
    'NATS works again',
  ]);
  closing.abort();
  await stop();
});

test('an end that was asked for brings nothing back', async () => {
  const first = server();
  const { options, closing, notices } = scene();
  const stop = keepUp(first.handle, options);
  closing.abort();
  await stop();
  await first.handle.ended;
  expect(notices).toEqual([]);
});

test('a server of the user is left alone', async () => {
  const foreign = { ...server().handle, ended: new Promise<void>(() => {}) };
  const { options, closing } = scene();
  const stop = keepUp(foreign, options);
  closing.abort();
  await stop();
});
