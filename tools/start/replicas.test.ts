import { parseOptions } from './options.ts';
import { describeReplicas, isReplicated, ONE_OF_EACH, parseReplicas, replicaName } from './replicas.ts';

test('what is not named runs once', () => {
  const { replicas, faults } = parseReplicas(['parent-executor=2,crawl-worker=16']);
  expect(faults).toEqual([]);
  expect(replicas).toEqual({ manager: 1, 'parent-executor': 2, 'ws-gateway': 1, 'crawl-worker': 16 });
  expect(isReplicated(replicas)).toBe(true);
  expect(isReplicated(parseReplicas(['manager=1']).replicas)).toBe(false);
});

test('the option may be given more than once', () => {
  const parsed = parseOptions(['--replicas', 'manager=2', '--replicas=ws-gateway=3'], {});
  expect(parsed).toMatchObject({ options: { replicas: { ...ONE_OF_EACH, manager: 2, 'ws-gateway': 3 } } });
});

test.each([
  [
    'mangler=2',
    '--replicas knows no service mangler; there are manager, parent-executor, ws-gateway, crawl-worker',
  ],
  ['manager=0', '--replicas takes 1 to 16 of manager, not 0'],
  ['manager=17', '--replicas takes 1 to 16 of manager, not 17'],
  ['manager=-1', '--replicas takes 1 to 16 of manager, not -1'],
  ['manager=1.5', '--replicas takes 1 to 16 of manager, not 1.5'],
  ['manager=two', '--replicas takes 1 to 16 of manager, not two'],
  ['manager', '--replicas takes service=number, not manager'],
  ['manager=', '--replicas takes service=number, not manager='],
  ['=2', '--replicas takes service=number, not =2'],
  ['manager=2=3', '--replicas takes service=number, not manager=2=3'],
  ['', '--replicas takes service=number, not nothing'],
  ['manager=2,', '--replicas takes service=number, not nothing'],
  ['manager=2,manager=2', '--replicas names manager twice'],
])('%j is refused', (text, fault) => {
  expect(parseReplicas([text]).faults).toEqual([fault]);
});

test('all faults are told together, also of what was given twice', () => {
  expect(parseReplicas(['web=2,manager=0', 'manager=2']).faults).toHaveLength(3);
});

test('the first replica has the plain name', () => {
  expect([0, 1, 2].map((index) => replicaName('ws-gateway', index))).toEqual([
    'ws-gateway',
    'ws-gateway-2',
    'ws-gateway-3',
  ]);
});

test('several are shown by their number', () => {
  expect(describeReplicas(ONE_OF_EACH)).toBe('manager, parent-executor, ws-gateway, crawl-worker');
  expect(describeReplicas({ ...ONE_OF_EACH, manager: 2, 'crawl-worker': 3 })).toBe(
    'manager ×2, parent-executor, ws-gateway, crawl-worker ×3',
  );
});
