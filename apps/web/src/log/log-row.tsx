import type { LogLine } from '@progeny/client';
import { memo, type ReactElement } from 'react';
import { formatClock } from '../words/duration.ts';

const CHANGE = /^(.* -> )([a-z]+)(\..*)$/s;

/** One line as it was written; the status in its colour. */
export const LogRow = memo(function LogRow({ line: { at, line } }: { line: LogLine }): ReactElement {
  const [, before, status, after] = CHANGE.exec(line) ?? [];
  return (
    <li className="log-row">
      <time dateTime={at}>{formatClock(Date.parse(at))}</time>
      <span>
        {status === undefined ? (
          line
        ) : (
          <>
            {before}
            <span className="log-status" data-status={status}>
              {status}
            </span>
            {after}
          </>
        )}
      </span>
    </li>
  );
});
