import type { ChildView } from '@progeny/contract';
import { memo, type ReactElement } from 'react';
import { StatusBadge } from '../ui/status-badge.tsx';
import { formatTook } from '../words/duration.ts';
import { labelOf, pageFactsOf } from '../words/job-words.ts';
import { formatBytes } from '../words/quantity.ts';

/** One child. All rows are equally high, whatever is known of it yet. */
export const ChildRow = memo(function ChildRow({
  child,
  isCrawl,
}: {
  child: ChildView;
  isCrawl: boolean;
}): ReactElement {
  const { text, url } = labelOf(child);
  const facts = pageFactsOf(child);
  return (
    <tr>
      <td className="col-status">
        <StatusBadge status={child.status} />
      </td>
      <td className="col-name">
        <span className="child-label" title={url ?? child.key}>
          {url ? (
            <a href={url} target="_blank" rel="noreferrer">
              {text}
            </a>
          ) : (
            text
          )}
        </span>
        {isCrawl && <ChildNote child={child} title={facts.title} />}
      </td>
      {!isCrawl && (
        <td className="col-note">
          <ChildNote child={child} title={null} />
        </td>
      )}
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
    </tr>
  );
});

function ChildNote({ child, title }: { child: ChildView; title: string | null }): ReactElement {
  if (child.error) {
    return (
      <span
        className="child-note child-error"
        data-status={child.status}
        title={child.error.technical_detail}
      >
        {child.error.user_message}
      </span>
    );
  }
  return <span className="child-note">{title}</span>;
}

const Nothing = (): ReactElement => (
  <span className="nothing" aria-hidden="true">
    –
  </span>
);

function tookWords({ started_at, finished_at }: ChildView, durationMs: number | null): string | null {
  if (durationMs !== null) return formatTook(durationMs);
  return started_at && finished_at ? formatTook(Date.parse(finished_at) - Date.parse(started_at)) : null;
}
