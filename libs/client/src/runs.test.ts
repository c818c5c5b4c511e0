import { A, completedOf, failedOf, progressOf, short, startedOf, stateOf } from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';

const at = useClientFixture();

async function watchAcross() {
  const heard: string[] = [];
  const watch = at.client.watch(A, (event) => heard.push(short(event)), { acrossRuns: true });
  await at.advance(0);
  at.gateway.latest.welcome();
  at.gateway.latest.subscribed(A, 1);
  at.gateway.latest.say(stateOf(A, 4));
  await at.advance(0);
  heard.length = 0;
  return { watch, heard };
}

describe('a job that is retried', () => {
  test('is heard on by who watches across runs, and not by who watched the run that ended', async () => {
    const { watch, heard } = await watchAcross();
    const once: string[] = [];
    const ofOneRun = at.client.watch(A, (event) => once.push(short(event)));
    await at.advance(300);
    once.length = 0;
    for (const event of [
      stateOf(A, 7, 'failed'),
      failedOf(A, 2),
      startedOf(A, 3),
      stateOf(A, 8),
      stateOf(A, 9, 'completed'),
      completedOf(A, 4),
    ]) {
      at.gateway.latest.say(event);
    }
    await at.advance(300);
    expect(heard).toEqual(['P7', 'E2', 'S3', 'P9', 'E4']);
    expect([once, ofOneRun.state, watch.state]).toEqual([['P7', 'E2'], 'ended', 'watching']);
    expect(at.gateway.latest.asked('unsubscribe')).toEqual([]);
    watch.stop();
    expect(watch.state).toBe('stopped');
  });

  test('is told anew after a lost connection: what was missed of both runs, and the present state', async () => {
    const { heard } = await watchAcross();
    at.gateway.latest.say(stateOf(A, 5));
    at.gateway.latest.drop();
    await at.advance(300);
    at.gateway.latest.welcome();
    expect(at.gateway.latest.asked('subscribe')).toMatchObject([{ after_seq: { [A]: 1 } }]);
    at.gateway.latest.subscribed(A, 4, true);
    for (const event of [stateOf(A, 9, 'completed'), failedOf(A, 2), startedOf(A, 3), completedOf(A, 4)]) {
      at.gateway.latest.say(event);
    }
    await at.advance(0);
    expect(heard).toEqual(['P5', 'P9', 'E2', 'S3', 'E4']);
    expect(at.gateway.latest.asked('subscribe')).toHaveLength(1);
  });

  test('and whose end was heard is known to run by a snapshot with more in it', async () => {
    const { heard } = await watchAcross();
    at.gateway.latest.say(stateOf(A, 7, 'failed'));
    at.gateway.latest.say(failedOf(A, 2));
    at.gateway.latest.drop();
    await at.advance(300);
    at.gateway.latest.welcome();
    at.gateway.latest.subscribed(A, 3);
    at.gateway.latest.say(stateOf(A, 8));
    at.gateway.latest.say(stateOf(A, 9));
    await at.advance(0);
    expect(heard).toEqual(['P7', 'E2', 'P9']);
  });

  test('has not ended with the state of the run before', async () => {
    const { heard } = await watchAcross();
    for (const event of [stateOf(A, 7, 'failed'), failedOf(A, 2), startedOf(A, 3), completedOf(A, 4)]) {
      at.gateway.latest.say(event);
    }
    await at.advance(300);
    expect(heard).toEqual(['P7', 'E2', 'S3']);
    expect(at.gateway.latest.asked('subscribe').at(-1)).toMatchObject({ after_seq: { [A]: 3 } });
    at.gateway.latest.subscribed(A, 4, true);
    at.gateway.latest.say(stateOf(A, 9, 'completed'));
    at.gateway.latest.say(completedOf(A, 4));
    await at.advance(0);
    expect(heard).toEqual(['P7', 'E2', 'S3', 'P9', 'E4']);
  });

  test('is heard again by a new watch of one run, to the end of the new run', async () => {
    const { watch } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.gateway.latest.say(stateOf(A, 7, 'failed'));
    at.gateway.latest.say(failedOf(A, 2));
    await at.advance(300);
    expect(watch.state).toBe('ended');
    const heard: string[] = [];
    const again = at.client.watch(A, (event) => heard.push(short(event)));
    await at.advance(300);
    at.gateway.latest.welcome();
    at.gateway.latest.subscribed(A, 3, true);
    at.gateway.latest.say(stateOf(A, 8));
    at.gateway.latest.say(startedOf(A, 3));
    await at.advance(0);
    expect([heard, again.state]).toEqual([['P7', 'P8', 'S3'], 'watching']);
  });

  test('goes on for who only polls, when its state says so', async () => {
    at.gateway.api = { [`/v1/jobs/${A}/progress`]: progressOf(A, 7, { status: 'failed' }) };
    const heard: string[] = [];
    const watch = at.client.watch(A, (event) => heard.push(short(event)), { acrossRuns: true });
    await at.advance(3_000);
    expect(heard).toEqual(['P7']);
    at.gateway.api = { [`/v1/jobs/${A}/progress`]: progressOf(A, 8) };
    await at.advance(5_000);
    expect([heard, watch.state]).toEqual([['P7', 'P8'], 'watching']);
  });
});
