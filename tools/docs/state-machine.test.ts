import { CHILD_STATUSES, COMMANDS } from '@progeny/contract';
import { createScene, SITUATIONS, type Situation, type Subject } from './command-scene.ts';
import { childEdges, parentEdges } from './state-diagrams.ts';

const subjects: Subject[] = [
  ...(['parent', 'nested'] as const).flatMap((kind) =>
    Object.keys(SITUATIONS).map((situation) => ({ kind, situation: situation as Situation })),
  ),
  ...[...CHILD_STATUSES, 'retried' as const, 'stopped' as const].map((status) => ({
    kind: 'child' as const,
    status,
  })),
];
const cases = subjects.flatMap((subject) =>
  COMMANDS.map((command) => ({ subject, command, name: Object.values(subject).join(' ') })),
);

const wakingOnly = (changes: unknown) =>
  Array.isArray(changes) ? changes.filter(({ from, to }) => from === to) : changes;

test.each(cases)('$command twice on a $name is as good as once', async ({ subject, command }) => {
  const scene = await createScene(subject);
  const first = await scene.give(command);
  const second = await scene.give(command);
  if (typeof first === 'string') expect(second).toBe(first);
  else if (command === 'delete') expect(second).toBe('job_not_found');
  // That somebody is woken once more is no change of any job.
  else expect(second).toEqual(wakingOnly(second));

  const once = await createScene(subject);
  await once.give(command);
  await Promise.all([scene.settle(), once.settle()]);
  expect(await scene.look()).toEqual(await once.look());
});

test.each(cases)(
  '$command on a $name is refused without a trace, or leads along the diagram',
  async (one) => {
    const scene = await createScene(one.subject);
    const before = await scene.look();
    const given = await scene.give(one.command);
    await scene.settle();
    const after = await scene.look();
    if (typeof given === 'string') {
      const untouched = await createScene(one.subject);
      await untouched.settle();
      expect(after).toEqual(await untouched.look());
      return;
    }
    if (!before || !after || before.status === after.status) return;
    const edges: readonly string[] = one.subject.kind === 'child' ? childEdges() : parentEdges();
    expect(edges).toContain(`${before.status} ${after.status}`);
  },
);

test('every open status can be left for an end', () => {
  const ends = ['completed', 'failed', 'cancelled'];
  for (const edges of [childEdges(), parentEdges()] as const) {
    for (const status of ['pending', 'running', 'paused']) {
      const reached = edges.filter((edge) => edge.startsWith(`${status} `)).map((edge) => edge.split(' ')[1]);
      if (reached.length > 0) expect(reached).toEqual(expect.arrayContaining(ends));
    }
  }
});
