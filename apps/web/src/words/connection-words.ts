import type { ConnectionState } from '@progeny/client';
import { CloseCode } from '@progeny/contract';
import { assertNever } from '@progeny/core';

/** The longest that the badge can say; its place is kept. */
export const LONGEST_CONNECTION_WORDS = 'Stale since 00:00';

export interface ConnectionWords {
  /** For the badge. */
  words: string;
  /** A sentence about what it means. */
  meaning: string;
}

/** Without a sign-in nothing is connected, and nothing tries to. */
export const SIGNED_OUT_WORDS: ConnectionWords = {
  words: 'Not signed in',
  meaning: 'Nothing is asked for until you sign in.',
};

/** What the badge says of the connection: in words, since a colour alone tells nobody. */
export function connectionInWords(state: ConnectionState): ConnectionWords {
  switch (state.status) {
    case 'live':
      return { words: 'Live', meaning: 'Updates arrive the moment they happen.' };
    case 'reconnecting':
      return { words: 'Reconnecting', meaning: 'The live connection is away; trying again.' };
    case 'polling':
      return { words: 'Polling', meaning: 'The live connection is away; asking every few seconds.' };
    case 'stale':
      return {
        words: `Stale since ${clockTime(state.since)}`,
        meaning: 'Nothing answers; the numbers are those of that time.',
      };
    default:
      return assertNever(state);
  }
}

/** Why the gateway refuses this page, and what to do about it. Trying again by itself would only be refused again. */
export function refusalInWords(code: number): string {
  switch (code) {
    case CloseCode.Unauthorized:
      return 'The gateway does not know who you are. Sign in where you usually do, then reload this page.';
    case CloseCode.Forbidden:
      return 'You have signed in as somebody else since this page was opened. Reload it.';
    default:
      return 'This page may be older than the server. Reload it.';
  }
}

/** The viewer's own time, always as wide: `09:05`. */
const clockTime = (atMs: number): string =>
  new Date(atMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
