import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freshLogs, rotateLogs } from './logs.ts';

let folder: string;
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'progeny-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a log that grew too large moves aside, and its writer goes on where it is empty', () => {
  writeFileSync(path.join(folder, 'ws-gateway.log'), 'few');
  const log = openSync(path.join(folder, 'manager-2.log'), 'a');
  writeSync(log, 'first lines\n');
  rotateLogs(folder, 5);
  writeSync(log, 'next lines\n');
  expect(read('manager-2.log')).toBe('next lines\n');
  expect(read('manager-2.log.1')).toBe('first lines\n');

  rotateLogs(folder, 5);
  closeSync(log);
  expect(read('manager-2.log.1')).toBe('next lines\n');
  expect(readdirSync(folder).sort()).toEqual(['manager-2.log', 'manager-2.log.1', 'ws-gateway.log']);
});

test('a run starts with the logs of the servers alone', () => {
  for (const name of ['manager.log', 'manager-3.log.1', 'postgres.log', 'nats.log', 'nats.log.1']) {
    writeFileSync(path.join(folder, name), '');
  }
  freshLogs(folder);
  expect(readdirSync(folder).sort()).toEqual(['nats.log', 'nats.log.1', 'postgres.log']);
});
