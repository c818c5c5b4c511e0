import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

/** A log that is not ours to make, such as that of a program which embeds us; a pino logger is one. */
export interface PlainLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LogOptions {
  service: string;
  level: string;
  /** Gets each line. Left out: stdout. */
  write?: (line: string) => void;
}

/** JSON lines on stdout; in a terminal the same, readable. */
export function createLog({ service, level, write }: LogOptions): Log {
  const options = { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime };
  if (write) return pino(options, { write });
  // Written before the call returns: the last lines of a process are those that say why it ended.
  if (!process.stdout.isTTY) return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino(options, pretty({ ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss.l', sync: true }));
}
