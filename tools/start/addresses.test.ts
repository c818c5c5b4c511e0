import { stripVTControlCharacters } from 'node:util';
import { addressLines } from './addresses.ts';
import type { Ports } from './ports.ts';

const ONE: Ports = {
  manager: [4000],
  'parent-executor': [4002],
  'ws-gateway': [4001],
  'crawl-worker': [4003],
};
const linesOf = (ports: Ports) => addressLines(ports).map(stripVTControlCharacters);

test('one page needs one line', () => {
  expect(linesOf({ ...ONE, 'crawl-worker': [4003, 40_001] })).toEqual([
    '  Page  http://127.0.0.1:4000     API  http://127.0.0.1:4000/docs',
  ]);
});

test('every page stands under the first, and several gateways are named', () => {
  expect(linesOf({ ...ONE, manager: [4000, 40_001, 40_002], 'ws-gateway': [4001, 40_003] })).toEqual([
    '  Page  http://127.0.0.1:4000      API  http://127.0.0.1:4000/docs',
    '        http://127.0.0.1:40001          http://127.0.0.1:40001/docs',
    '        http://127.0.0.1:40002          http://127.0.0.1:40002/docs',
    '  Live  ws://127.0.0.1:4001/ws  ws://127.0.0.1:40003/ws',
  ]);
});
