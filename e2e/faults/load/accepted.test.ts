import { createAccepted } from './accepted.ts';

const answer = (status: 'running' | 'completed' | 'failed', attempt = 1) =>
  ({ job_id: 'x', outcome: 'applied', status, attempt }) as const;

test('an end that was answered is a promise, and a second one a contradiction', () => {
  const accepted = createAccepted();
  accepted.child('p', 'x', 'key');
  accepted.answer(answer('running'));
  expect(accepted.children.get('x')?.end).toBeNull();
  accepted.answer(answer('completed', 2));
  accepted.answer(answer('completed', 1));
  expect(accepted.children.get('x')).toMatchObject({ end: 'completed', attempt: 2 });
  expect(accepted.contradictions).toEqual([]);
  accepted.answer(answer('failed'));
  expect(accepted.contradictions).toEqual(['child x was completed and then failed']);
});

test('a child that was accepted and is unknown is a contradiction', () => {
  const accepted = createAccepted();
  accepted.child('p', 'x', 'key');
  accepted.answer({ job_id: 'x', outcome: 'unknown_job', status: null, attempt: null });
  expect(accepted.contradictions).toEqual(['child x was accepted and is unknown_job']);
});

test('a parent that is told twice is one', () => {
  const accepted = createAccepted();
  const told: string[] = [];
  accepted.onParent((jobId) => told.push(jobId));
  accepted.parent('p', 'custom');
  accepted.parent('p', 'custom');
  expect(told).toEqual(['p']);
});
