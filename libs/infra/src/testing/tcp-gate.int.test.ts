import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { openTcpGate } from './tcp-gate.ts';

test('what goes through an open gate arrives; shut, it breaks what stood and refuses what comes', async () => {
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const gate = await openTcpGate(`nats://127.0.0.1:${address.port}`);
  const dial = () => connect({ host: '127.0.0.1', port: Number(new URL(gate.url).port) });

  const socket = dial();
  socket.write('hello');
  expect(String((await once(socket, 'data'))[0])).toBe('hello');
  const broken = once(socket, 'close');
  await gate.shut();
  await gate.shut();
  await broken;
  const refused = dial();
  expect((await once(refused, 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' });

  await gate.open();
  const again = dial();
  again.write('again');
  expect(String((await once(again, 'data'))[0])).toBe('again');
  await gate.shut();
  echo.close();
});
