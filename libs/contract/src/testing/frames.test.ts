import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FrameError, readClientFrame, readServerFrame, writeClientFrame } from './frames.ts';

const GOLDEN = join(__dirname, '../../golden');
const golden = (folder: string, prefix: string) =>
  readdirSync(join(GOLDEN, folder))
    .filter((file) => file.startsWith(prefix))
    .map((file) => [file, readFileSync(join(GOLDEN, folder, file), 'utf8')] as const);

test.each([...golden('realtime', 'server-'), ...golden('event', 'JOB_'), ...golden('event', 'parent_')])(
  '%s is a frame from the gateway, and none to it',
  (_, text) => {
    expect(readServerFrame(text)).toEqual(JSON.parse(text));
    expect(() => readClientFrame(text)).toThrow(FrameError);
  },
);

test.each(golden('realtime', 'client-'))('%s is a frame to the gateway, and none from it', (_, text) => {
  expect(readClientFrame(text)).toEqual(JSON.parse(text));
  expect(() => readServerFrame(text)).toThrow(FrameError);
});

const pong = { type: 'pong', payload: {}, timestamp: '2030-01-01T00:00:00.000Z' };

test.each([
  ['no JSON', '{'],
  ['no object', 'null'],
  ['another type', JSON.stringify({ ...pong, type: 'toString' })],
  ['an event for services alone', JSON.stringify({ ...pong, type: 'job_status_change' })],
  ['no timestamp', JSON.stringify({ ...pong, timestamp: undefined })],
  ['a time that is none', JSON.stringify({ ...pong, timestamp: 'noon' })],
  ['a time with an offset', JSON.stringify({ ...pong, timestamp: '2030-01-01T00:00:00+01:00' })],
  ['more than it says', JSON.stringify({ ...pong, payload: { more: 1 } })],
  ['an id that is none', JSON.stringify({ ...pong, type: 'unsubscribed', payload: { job_ids: ['*'] } })],
])('%s is no frame from the gateway', (_, text) => {
  expect(() => readServerFrame(text)).toThrow(FrameError);
});

test('what a test wants to send is held against the schema, too', () => {
  expect(writeClientFrame({ type: 'ping' })).toBe('{"type":"ping"}');
  expect(() => writeClientFrame({ type: 'subscribe', payload: { job_ids: [] } })).toThrow(FrameError);
});
