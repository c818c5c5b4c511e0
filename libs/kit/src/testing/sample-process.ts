import { z } from 'zod';
import { configField, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { createOpsServer } from '../ops.ts';
import { runService } from '../service.ts';

const schema = z.object({
  SAMPLE_PORT: configField.port(0),
  STOP: z.enum(['clean', 'never', 'throws', 'after disconnect']).default('clean'),
  FAULT: z.enum(['none', 'start', 'later']).default('none'),
});

/** A process of the kind that `runService` makes, as odd as its environment wants it. */
void runService('sample', (env) => {
  const config = readConfig(schema, env);
  const ops = createOpsServer({
    metrics: createMetrics({ service: 'sample' }),
    checks: {},
    host: '127.0.0.1',
    port: config.SAMPLE_PORT,
    portVariable: 'SAMPLE_PORT',
  });
  const stops = {
    clean: () => ops.stop(),
    never: () => new Promise<void>(() => {}),
    throws: () => Promise.reject(new Error('a stop that throws')),
    'after disconnect': () =>
      new Promise<void>((resolve) => process.once('disconnect', () => setImmediate(resolve))),
  };
  return {
    log: createLog({ service: 'sample', level: 'info' }),
    service: {
      name: 'sample',
      async start() {
        await ops.start();
        if (config.FAULT === 'start') throw new Error('a start that throws');
        if (config.FAULT === 'later') setImmediate(() => void Promise.reject(new Error('a stray rejection')));
      },
      stop: stops[config.STOP],
    },
  };
});
