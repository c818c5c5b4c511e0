/** What a worker process of a benchmark does on command, and when the benchmark is over. */
export interface CommandHandlers<Command> {
  handle(command: Command): Promise<unknown>;
  stop(): Promise<unknown>;
}

/** The other end of `startWorkerProcess`: says that we are ready, answers commands, ends when our owner is gone. */
export function serveCommands<Command>({ handle, stop }: CommandHandlers<Command>): void {
  process.once('disconnect', () => {
    void stop().finally(() => process.exit(0));
  });
  process.on('message', (command: Command) => {
    handle(command).then(
      (answer) => process.send?.({ answer }),
      (error: Error) => process.send?.({ error: error.stack ?? error.message }),
    );
  });
  process.send?.({ answer: 'ready' });
}

/** What the owner has put into our arguments. */
export const readSettings = <Settings>(): Settings => JSON.parse(process.argv[2] ?? '{}') as Settings;

/** The time in milliseconds, finer than a millisecond, the same for all processes of a machine. */
export const clockMs = (): number => performance.timeOrigin + performance.now();
