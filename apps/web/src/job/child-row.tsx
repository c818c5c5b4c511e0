import type { ChildView } from '@progeny/contract';
import { memo, type ReactElement } from 'react';
import { Link } from 'wouter';
import { RetryChild } from '../commands/retry-child.tsx';
import { OutIcon } from '../ui/icons.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { formatTook } from '../words/duration.ts';
import { labelOf, pageFactsOf } from '../words/job-words.ts';
import { formatBytes } from '../words/quantity.ts';
import { ChildNote } from './child-note.tsx';
import { NestedLabel } from './nested-label.tsx';

/** One child. All rows are equally high, whatever is known of it yet. */
export const ChildRow = memo(function ChildRow({
  child,
  isCrawl,
  mayWatch,
  onRetried,
}: {
  child: ChildView;
  isCrawl: boolean;
  /** Its stage may be followed live while it runs. */
  mayWatch: boolean;
  onRetried: () => void;
}): ReactElement {
  const { text, url } = labelOf(child);
  const facts = pageFactsOf(child);
  return (
    <tr data-testid="child-row" data-status={child.status}>
      <td className="col-status">
        <StatusBadge status={child.status} />
      </td>
      <td className="col-name">
        <span className="child-label" title={url ?? child.key}>
          <Link href={`/jobs/${child.job_id}`}>{child.is_parent ? <NestedLabel text={text} /> : text}</Link>
          {url && (
            <a className="child-out" href={url} target="_blank" rel="noreferrer" aria-label={`Open ${url}`}>
              <OutIcon />
            </a>
          )}
        </span>
        <ChildNote child={child} title={isCrawl ? facts.title : null} mayWatch={mayWatch} />
      </td>
      {isCrawl && (
        <>
          <td className="col-http">{facts.httpStatus ?? <Nothing />}</td>
          <td className="col-size">
            {facts.sizeBytes === null ? <Nothing /> : formatBytes(facts.sizeBytes)}
          </td>
        </>
      )}
      <td className="col-took">{tookWords(child, facts.durationMs) ?? <Nothing />}</td>
      <td className="col-attempt">{child.attempt > 0 ? child.attempt : <Nothing />}</td>
      <td className="col-action">
        <RetryChild child={child} look="button-quiet" onRetried={onRetried} />
      </td>
    </tr>
  );
});

const Nothing = (): ReactElement => (
  <span className="nothing" aria-hidden="true">
    –
  </span>
);

function tookWords({ started_at, finished_at }: ChildView, durationMs: number | null): string | null {
  if (durationMs !== null) return formatTook(durationMs);
  return started_at && finished_at ? formatTook(Date.parse(finished_at) - Date.parse(started_at)) : null;
}
