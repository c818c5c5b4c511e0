import { createQuietWarning } from './bus-log.ts';

test('a warning that repeats is logged once a minute, with how often it was meant', () => {
  const lines: object[] = [];
  let nowMs = 0;
  const log = { warn: (fields: object) => lines.push(fields), error: () => {} };
  const warn = createQuietWarning(log, 'event not sent', () => nowMs);

  warn({ state: 'closed' });
  warn({ state: 'closed' });
  nowMs = 59_999;
  warn({ state: 'closed' });
  expect(lines).toEqual([{ state: 'closed', times: 1 }]);

  nowMs = 60_000;
  warn({ state: 'closed' });
  expect(lines).toEqual([
    { state: 'closed', times: 1 },
    { state: 'closed', times: 3 },
  ]);
});
