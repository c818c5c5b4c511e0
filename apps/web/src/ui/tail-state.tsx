import type { ProgenyClientError } from '@progeny/client';
import type { ReactElement } from 'react';
import { refusalWords } from '../words/command-words.ts';
import { Skeleton } from './skeleton.tsx';

/** What stands in the place of rows that are on their way or not there, and above those that may be old. */
export function TailState({
  isLoading,
  error,
  isEmpty,
  empty,
}: {
  isLoading: boolean;
  error: ProgenyClientError | null;
  isEmpty: boolean;
  /** What is said when there is nothing. */
  empty: string;
}): ReactElement | null {
  if (error) {
    return (
      <p className="tail-trouble" role="alert">
        {readingWords(error)}
      </p>
    );
  }
  if (!isEmpty) return null;
  return isLoading ? <Skeleton rows={4} /> : <p className="table-empty">{empty}</p>;
}

/** Reading again is no command: the words of that one do not fit. */
const readingWords = (error: ProgenyClientError): string =>
  error.code === 'unreachable'
    ? 'The server cannot be reached. What is shown may be old.'
    : refusalWords(error);
