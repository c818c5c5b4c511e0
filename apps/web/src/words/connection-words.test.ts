import {
  connectionInWords,
  LONGEST_CONNECTION_WORDS,
  refusalInWords,
  SIGNED_OUT_WORDS,
} from './connection-words.ts';

test.each([
  [{ status: 'live', since: 0, via: 'websocket' }, 'Live', /moment they happen/],
  [{ status: 'live', since: 0, via: 'sse' }, 'Live', /moment they happen/],
  [{ status: 'reconnecting', since: 0 }, 'Reconnecting', /trying again/],
  [{ status: 'polling', since: 0 }, 'Polling', /asking every few seconds/],
] as const)('%o is told in words and in a sentence', (state, words, meaning) => {
  expect(connectionInWords(state)).toMatchObject({ words, meaning: expect.stringMatching(meaning) });
});

test('what is stale says since when, in the time of the viewer', () => {
  const since = new Date(2026, 0, 2, 9, 5).getTime();
  expect(connectionInWords({ status: 'stale', since }).words).toBe('Stale since 09:05');
});

test('no words are longer than those whose place is kept', () => {
  const since = new Date(2026, 0, 2, 23, 59).getTime();
  for (const status of ['reconnecting', 'polling', 'stale'] as const) {
    const { words } = connectionInWords({ status, since });
    expect(words.length).toBeLessThanOrEqual(LONGEST_CONNECTION_WORDS.length);
  }
  expect(SIGNED_OUT_WORDS.words.length).toBeLessThanOrEqual(LONGEST_CONNECTION_WORDS.length);
});

test.each([
  [4401, /does not know who you are.*reload/],
  [4403, /somebody else.*Reload/],
  [4429, /older than the server.*Reload/],
])('a refusal with %i says what to do', (code, words) => {
  expect(refusalInWords(code)).toMatch(words);
});
