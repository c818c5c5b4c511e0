/** Readers, all in one process, that do what the benchmark tells them. */
import { serveCommands } from '../../measure/serve-commands.ts';
import { createReaderGroup, type GroupOptions, type ReaderGroup } from './reader-group.ts';

export type ReadersCommand =
  | { do: 'open'; options: GroupOptions }
  | { do: 'clear' }
  | { do: 'totals' }
  | { do: 'lacking'; stamps: readonly number[]; ms: number }
  | { do: 'stall'; count: number }
  | { do: 'resume' }
  | { do: 'close' };

let opened: ReaderGroup | null = null;

serveCommands<ReadersCommand>({ handle, stop: () => Promise.resolve() });

async function handle(command: ReadersCommand): Promise<unknown> {
  if (command.do === 'open') opened = createReaderGroup(command.options);
  if (!opened) throw new Error('the readers are not open');
  switch (command.do) {
    case 'open':
      return opened.open();
    case 'clear':
      return opened.clear();
    case 'totals':
      return opened.totals();
    case 'lacking':
      return opened.lacking(command.stamps, command.ms);
    case 'stall':
      return opened.stall(command.count);
    case 'resume':
      return opened.resume();
    case 'close':
      return opened.close();
    default:
      return command satisfies never;
  }
}
