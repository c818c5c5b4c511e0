import { z } from 'zod';
import { ConfigError, commonConfig, configField, databaseConfig, readConfig } from './config.ts';

const schema = z.object({
  ...commonConfig,
  ...databaseConfig,
  WS_PORT: configField.port(4001),
  WAIT_MS: configField.durationMs(100),
  TOKEN: z.string(),
});

const faultsOf = (env: Record<string, string | undefined>): readonly string[] => {
  try {
    readConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

test('all faults are told together, each with the name of its variable', () => {
  const env = {
    WS_PORT: 'x',
    WAIT_MS: '0',
    NATS_URL: 'http://x',
    LOG_LEVEL: 'loud',
    DATABASE_POOL_SIZE: '0',
  };
  expect(faultsOf(env)).toEqual([
    'LOG_LEVEL is not one of trace, debug, info, warn, error, fatal, silent',
    'NATS_URL is not a URL whose scheme is ^(nats|tls)$',
    'DATABASE_POOL_SIZE is not above 0',
    'WS_PORT is not a number',
    'WAIT_MS is not above 0',
    'TOKEN is missing',
  ]);
  expect(() => readConfig(schema, env)).toThrow(
    /not usable:\n {2}LOG_LEVEL .*\n {2}NATS_URL .*\n {2}DATABASE_POOL_SIZE .*\n {2}WS_PORT .*\n {2}WAIT_MS .*\n {2}TOKEN is missing$/,
  );
});

test.each(['', ' ', undefined])('a variable that is %p counts as missing', (value) => {
  expect(faultsOf({ TOKEN: value })).toEqual(['TOKEN is missing']);
  expect(readConfig(schema, { TOKEN: 't', WS_PORT: value }).WS_PORT).toBe(4001);
});

test('what is left out has its default, and what the schema does not know is left alone', () => {
  expect(readConfig(schema, { TOKEN: 't', PATH: '/bin' })).toEqual({
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    NATS_URL: 'nats://127.0.0.1:4222',
    DATABASE_URL: 'postgresql://progeny:progeny@127.0.0.1:4032/progeny',
    DATABASE_POOL_SIZE: 10,
    WS_PORT: 4001,
    WAIT_MS: 100,
    TOKEN: 't',
  });
});

test.each([
  ['0', []],
  ['65535', []],
  ['65536', ['WS_PORT is not a port']],
  ['-1', ['WS_PORT is not a port']],
  ['80.5', ['WS_PORT is not a whole number']],
  ['80 and more', ['WS_PORT is not a number']],
])('a port of %s has these faults: %j', (value, faults) => {
  expect(faultsOf({ TOKEN: 't', WS_PORT: value })).toEqual(faults);
});

test('a duration longer than a timer can wait is refused, for the timer would fire at once', () => {
  expect(faultsOf({ TOKEN: 't', WAIT_MS: '2147483647' })).toEqual([]);
  expect(faultsOf({ TOKEN: 't', WAIT_MS: '2147483648' })).toEqual(['WAIT_MS is above 2147483647']);
});
