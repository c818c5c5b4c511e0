/** Readers, many in one process, that do what the benchmark tells them. */
import { serveCommands } from '../../measure/serve-commands.ts';
import { createReaderGroup, type GroupOptions, type ReaderGroup } from './reader-group.ts';

/** What one of the groups is to do; several may be open at once, each on a server of its own. */
export type ReadersCommand = { group: string } & (
  | { do: 'open'; options: GroupOptions }
  | { do: 'clear' }
  | { do: 'totals' }
  | { do: 'lacking'; stamps: readonly number[]; ms: number }
  | { do: 'stall'; count: number }
  | { do: 'resume' }
  | { do: 'close' }
);

const groups = new Map<string, ReaderGroup>();

serveCommands<ReadersCommand>({ handle, stop: () => Promise.resolve() });

async function handle(command: ReadersCommand): Promise<unknown> {
  if (command.do === 'open') groups.set(command.group, createReaderGroup(command.options));
  const group = groups.get(command.group);
  if (!group) throw new Error(`there is no group ${command.group}`);
  switch (command.do) {
    case 'open':
      return group.open();
    case 'clear':
      return group.clear();
    case 'totals':
      return group.totals();
    case 'lacking':
      return group.lacking(command.stamps, command.ms);
    case 'stall':
      return group.stall(command.count);
    case 'resume':
      return group.resume();
    case 'close':
      groups.delete(command.group);
      return group.close();
    default:
      return command satisfies never;
  }
}
