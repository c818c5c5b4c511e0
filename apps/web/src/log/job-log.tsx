import { useJobLog } from '@progeny/react';
import type { ReactElement } from 'react';
import { Tail } from '../ui/tail.tsx';
import { TailState } from '../ui/tail-state.tsx';
import { LogRow } from './log-row.tsx';

const LINE = { one: 'line', many: 'lines' };

/** What happened to the children of a parent, a line each, the newest at the bottom. */
export function JobLog({ jobId, many }: { jobId: string; many: string }): ReactElement {
  const { lines, ...reading } = useJobLog(jobId);
  return (
    <div className="table-frame tail-frame">
      <TailState
        {...reading}
        isEmpty={lines.length === 0}
        empty={`Nothing has happened to its ${many} yet`}
      />
      {lines.length > 0 && (
        <Tail
          label="Log, newest at the bottom"
          lastNumber={lines.at(-1)?.number ?? 0}
          keptCount={lines.length}
          noun={LINE}
          testId="job-log"
        >
          {lines.map((line) => (
            <LogRow key={line.number} line={line} />
          ))}
        </Tail>
      )}
    </div>
  );
}
