import { createFakeReader, jobId, lifecycle, OWNER } from '../testing/events.ts';
import { createHandClock } from '../testing/hand-clock.ts';
import { createHub } from './hub.ts';

const [A, B] = [jobId(1), jobId(2)];

function createScene() {
  const hub = createHub({
    clock: createHandClock(),
    onWatched: () => () => undefined,
    onGap: () => undefined,
  });
  const reader = createFakeReader();
  hub.join(reader);
  hub.deliver(lifecycle(1, { id: B }), OWNER);
  return { hub, reader };
}

test('what waits for a slow reader of everything is dropped by its first subscribe, which is not about it', () => {
  const { hub, reader } = createScene();
  hub.subscribe(reader, A);
  expect(reader.forgotten).toEqual(['everything']);
});

test('a later subscribe leaves alone what waits of the jobs named before', () => {
  const { hub, reader } = createScene();
  hub.subscribe(reader, A);
  hub.subscribe(reader, B);
  expect(reader.forgotten).toEqual(['everything']);
});
