import { createHostGate } from './host-gate.ts';

const signal = new AbortController().signal;

test('so many get in at a time, in the order of arrival, and each host has its own room', async () => {
  const gate = createHostGate(2);
  const inside: string[] = [];
  const enter = (name: string, host = 'a') =>
    gate.enter(host, signal).then((leave) => {
      inside.push(name);
      return leave;
    });
  const first = await enter('1');
  const second = await enter('2');
  const third = enter('3');
  const fourth = enter('4');
  await enter('other', 'b');
  expect(inside).toEqual(['1', '2', 'other']);
  first();
  first();
  await third;
  expect(inside).toEqual(['1', '2', 'other', '3']);
  second();
  await fourth;
  expect(inside).toEqual(['1', '2', 'other', '3', '4']);
});

test('whoever gives up takes no room', async () => {
  const gate = createHostGate(1);
  const leave = await gate.enter('a', signal);
  const controller = new AbortController();
  const impatient = gate.enter('a', controller.signal);
  const patient = gate.enter('a', signal);
  controller.abort(new Error('enough'));
  await expect(impatient).rejects.toThrow('enough');
  leave();
  (await patient)();
  await expect(gate.enter('a', controller.signal)).rejects.toThrow('enough');
  (await gate.enter('a', signal))();
});
