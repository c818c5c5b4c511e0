import { zeroCounts } from './counts.ts';
import { logLine } from './log-line.ts';

test('a line says which child, where it went, and the counts', () => {
  const counts = { ...zeroCounts, pending: 66, running: 1, completed: 41, skipped: 3 };
  expect(logLine({ jobId: '01890a5d-ac97-7c9e-9d7f-0f3b0193a3c5', to: 'completed' }, counts)).toBe(
    'Child 0193a3c5 -> completed. 66 pending, 1 running, 41 completed, 0 failed',
  );
});

test('children that were born in one moment are told apart', () => {
  const line = (jobId: string) => logLine({ jobId, to: 'pending' }, zeroCounts);
  expect(line('01890a5d-ac97-7000-8000-000000000001')).not.toBe(line('01890a5d-ac97-7000-8000-000000000002'));
});
