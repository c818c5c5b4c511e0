import { createAccess } from './access.ts';

test('an answer in time for a request from before does not sign one in again; trying again does', () => {
  const access = createAccess();
  const heard: string[] = [];
  const leave = access.subscribe(() => heard.push(access.getSnapshot()));
  access.set('unreachable');
  access.set('signed_out');
  access.set('granted');
  access.set('unreachable');
  expect(access.getSnapshot()).toBe('signed_out');
  access.tryAgain();
  expect(heard).toEqual(['unreachable', 'signed_out', 'granted']);
  leave();
  access.set('unreachable');
  expect(heard).toHaveLength(3);
});
