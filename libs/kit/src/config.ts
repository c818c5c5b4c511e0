import { z } from 'zod';

/** The environment does not describe a service that could run. `message` lists every fault, one a line. */
export class ConfigError extends Error {
  readonly code = 'invalid_config';

  constructor(readonly faults: readonly string[]) {
    super(`the configuration is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Reads the environment once. An empty or blank variable counts as missing. Throws ConfigError with all faults together. */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return name in given ? `${name} ${issue.message}` : `${name} is missing`;
    }),
  );
}

const wholeNumber = () => z.coerce.number({ error: 'is not a number' }).int('is not a whole number');

const port = (byDefault: number) =>
  wholeNumber().min(0, 'is not a port').max(65_535, 'is not a port').default(byDefault);

/** The longest that a timer can wait; it would fire at once for more. */
export const TIMER_MAX_MS = 2 ** 31 - 1;

const durationMs = (byDefault: number) =>
  wholeNumber().min(1, 'is not above 0').max(TIMER_MAX_MS, `is above ${TIMER_MAX_MS}`).default(byDefault);

const url = (protocols: RegExp) =>
  z.url({ protocol: protocols, error: `is not a URL whose scheme is ${protocols.source}` });

/** How many of something, at least one. */
const count = (byDefault: number) => wholeNumber().min(1, 'is not above 0').default(byDefault);

/** Building blocks for a service's own schema. */
export const configField = { port, durationMs, url, count };

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What every service reads. */
export const commonConfig = {
  HOST: z.string().default('127.0.0.1').describe('Address to bind to'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `is not one of ${LOG_LEVELS.join(', ')}` })
    .default('info')
    .describe('Least important level that is logged'),
  NATS_URL: url(/^(nats|tls)$/)
    .default('nats://127.0.0.1:4222')
    .describe('The message server'),
};

/** What every service reads that touches the ledger. */
export const databaseConfig = {
  DATABASE_URL: url(/^postgres(ql)?$/)
    .default('postgresql://progeny:progeny@127.0.0.1:4032/progeny')
    .describe('The ledger'),
  DATABASE_POOL_SIZE: wholeNumber()
    .min(1, 'is not above 0')
    .max(100, 'is above 100')
    .default(10)
    .describe('Most connections to PostgreSQL at once'),
};
