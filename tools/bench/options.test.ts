import { OptionError, parseOptions } from './options.ts';

test('without arguments: what fits into some minutes, five rounds of 50,000', () => {
  expect(parseOptions([])).toEqual({
    benchmarks: ['latency', 'pipeline', 'peers'],
    rounds: 5,
    children: 50_000,
    connections: 10_000,
    short: false,
    json: false,
    cpuProfiles: null,
  });
});

test('names choose, in one order, each once', () => {
  expect(parseOptions(['scale', 'pipeline', 'scale'])?.benchmarks).toEqual(['pipeline', 'scale']);
  expect(parseOptions(['all'])?.benchmarks).toEqual([
    'latency',
    'pipeline',
    'peers',
    'scale',
    'commands',
    'fanout',
    'wall',
  ]);
});

test('short is one round of a twentieth, unless said otherwise', () => {
  expect(parseOptions(['--short'])).toMatchObject({ rounds: 1, children: 2_500, connections: 500 });
  expect(parseOptions(['--short', '--rounds', '2', '--children=10'])).toMatchObject({
    rounds: 2,
    children: 10,
  });
});

test('help is null', () => {
  expect(parseOptions(['peers', '--help'])).toBeNull();
});

test.each([
  [['--rounds', '0']],
  [['--children', 'many']],
  [['--connections', '0.5']],
  [['speed']],
  [['--fast']],
])('refuses %j', (args) => {
  expect(() => parseOptions(args)).toThrow(OptionError);
});
