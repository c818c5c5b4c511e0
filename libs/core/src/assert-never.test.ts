import { assertNever } from './assert-never.ts';

test('a value that no case handles is named', () => {
  expect(() => assertNever({ type: 'unheard_of' } as never)).toThrow('{"type":"unheard_of"}');
});
