import { CHILD_STATUSES, type Command, PROBLEMS } from '@progeny/contract';
import { createScene, PARENT_COMMANDS, SITUATIONS, type Situation, type Subject } from './command-scene.ts';
import { code, table } from './markdown-table.ts';

/** What a command does to a job that stands like this, as tried on the in-memory ledger. */
export async function outcomeOf(command: Command, subject: Subject): Promise<string> {
  const scene = await createScene(subject);
  const before = await scene.look();
  const changes = await scene.give(command);
  if (typeof changes === 'string') return `${PROBLEMS[changes].status} ${code(changes)}`;
  if (changes.length === 0) return 'no change';
  await scene.settle();
  const after = await scene.look();
  if (after === null || before === null) return 'gone';
  const said = [`→ ${code(after.status)}`];
  if (before.failed > 0 && after.failed === 0) said.push('failed children `pending`');
  if (before.open > 0 && after.open === 0) said.push('open children `cancelled`');
  return said.join(', ');
}

const rowOf = async (
  name: string,
  subject: Subject,
  commands: readonly Command[],
): Promise<readonly string[]> => [
  name,
  ...(await Promise.all(commands.map((command) => outcomeOf(command, subject)))),
];

/** Which command does what to a parent, by how it stands. */
export async function parentCommands(): Promise<string> {
  const rows = await Promise.all([
    ...Object.entries(SITUATIONS).map(([situation, name]) =>
      rowOf(name, { kind: 'parent', situation: situation as Situation }, PARENT_COMMANDS),
    ),
    rowOf('`completed`, and nested in another', { kind: 'nested', situation: 'completed' }, PARENT_COMMANDS),
    rowOf('a child', { kind: 'child', status: 'running' }, PARENT_COMMANDS),
  ]);
  return table(['a parent that is', ...PARENT_COMMANDS.map(code)], rows);
}

/** Which command does what to a child. */
export async function childCommands(): Promise<string> {
  const rows = await Promise.all([
    ...CHILD_STATUSES.map((status) => rowOf(code(status), { kind: 'child', status }, ['retry'])),
    rowOf('`pending` since a retry', { kind: 'child', status: 'retried' }, ['retry']),
    rowOf('any, while its parent is being cancelled', { kind: 'child', status: 'stopped' }, ['retry']),
    rowOf('a parent', { kind: 'parent', situation: 'failed' }, ['retry']),
  ]);
  return table(['a child that is', '`retry`'], rows);
}
