/** The supervisor's process; tools/start.mjs starts it in a session of its own. */
import { workspaceRoot } from '@progeny/infra';
import { HELP, parseOptions, type StartOptions } from './options.ts';
import { StoppedError } from './run.ts';
import { supervise } from './supervisor.ts';
import { createTerminal } from './terminal.ts';

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2), process.env);
  switch (parsed.kind) {
    case 'help':
      console.log(HELP);
      return 0;
    case 'fault':
      console.error(`${parsed.faults.join('\n')}\n\nnpm start -- --help tells what there is.`);
      return 2;
    case 'start':
      return await start(parsed.options);
  }
}

async function start(options: StartOptions): Promise<number> {
  const { signal, hurry } = stopSignals();
  try {
    const terminal = createTerminal(process.stdout);
    return await supervise({ root: workspaceRoot(), options, env: process.env, terminal, signal, hurry });
  } catch (error) {
    if (error instanceof StoppedError || signal.aborted) return 130;
    // An error with a code was foreseen: its message is all that there is to know.
    const foreseen = error instanceof Error && 'code' in error;
    console.error(`\n${foreseen ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

/** The first signal, or the end of the launcher, stops in order; the next one at once. */
function stopSignals(): { signal: AbortSignal; hurry: AbortSignal } {
  const stop = new AbortController();
  const hurry = new AbortController();
  const onStop = () => (stop.signal.aborted ? hurry : stop).abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onStop);
  process.once('disconnect', onStop);
  return { signal: stop.signal, hurry: hurry.signal };
}

void main().then((code) => process.exit(code));
