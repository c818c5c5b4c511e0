import { A, completedOf, jobProgressOf, short, startedOf, stateOf } from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';

const at = useClientFixture();

describe('two reliabilities', () => {
  test('a lifecycle event is told once and in order, whatever is repeated', async () => {
    const { heard } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 0);
    for (const event of [startedOf(A, 1), startedOf(A, 1), jobProgressOf(A, 2), jobProgressOf(A, 1)]) {
      at.gateway.latest.say(event);
    }
    at.gateway.latest.say(completedOf(A, 2));
    await at.advance(0);
    expect(heard).toEqual(['S1', 'J2', 'E2']);
  });

  test('who hears everything hears nothing of a job after its terminal event, until it starts again', async () => {
    const heard: string[] = [];
    at.client.watchAll((event) => heard.push(short(event)));
    await at.advance(0);
    at.gateway.latest.welcome();
    for (const event of [
      stateOf(A, 1),
      completedOf(A, 2),
      stateOf(A, 3),
      jobProgressOf(A, 1),
      startedOf(A, 3),
      stateOf(A, 4),
    ]) {
      at.gateway.latest.say(event);
      await at.advance(0);
    }
    expect(heard).toEqual(['P1', 'E2', 'S3', 'P4']);
    expect(at.client.getJob(A)?.version).toBe(4);
  });

  test('when an event is missing, the client asks for it instead of passing it over', async () => {
    const { heard } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.gateway.latest.say(completedOf(A, 3));
    at.gateway.latest.say(completedOf(A, 3));
    await at.advance(300);
    expect(heard).toEqual([]);
    expect(at.gateway.latest.asked('subscribe').slice(1)).toEqual([
      { job_ids: [A], epoch: expect.any(String), after_seq: { [A]: 1 } },
    ]);
    at.gateway.latest.subscribed(A, 3, true);
    for (const event of [stateOf(A, 5, 'completed'), startedOf(A, 2), completedOf(A, 3)]) {
      at.gateway.latest.say(event);
    }
    await at.advance(0);
    expect(heard).toEqual(['P5', 'S2', 'E3']);
  });

  test('the end of a job waits for its last state', async () => {
    const { heard } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.gateway.latest.say(stateOf(A, 3));
    at.gateway.latest.say(completedOf(A, 2));
    await at.advance(300);
    expect(heard).toEqual(['P3']);
    at.gateway.latest.subscribed(A, 2, true);
    at.gateway.latest.say(stateOf(A, 4, 'completed'));
    at.gateway.latest.say(completedOf(A, 2));
    await at.advance(0);
    expect(heard).toEqual(['P3', 'P4', 'E2']);
  });

  test('what the answer does not bring either is not asked for again', async () => {
    const { heard } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.gateway.latest.say(startedOf(A, 3));
    await at.advance(300);
    at.gateway.latest.subscribed(A, 3, true);
    at.gateway.latest.say(startedOf(A, 3));
    await at.advance(300);
    expect(heard).toEqual(['S3']);
    expect(at.gateway.latest.asked('subscribe')).toHaveLength(2);
  });
});
