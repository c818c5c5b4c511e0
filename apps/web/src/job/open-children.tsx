import type { Explanation, OpenChild } from '@progeny/contract';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useOnlyGrows } from '../live/use-only-grows.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { hasRunOut, holderInWords, holdInWords, tryInWords } from '../words/explanation-words.ts';
import { labelOf } from '../words/job-words.ts';
import { formatCount } from '../words/quantity.ts';
import { NestedLabel } from './nested-label.tsx';

/** The children that keep their parent open, as far as the server names them. */
export function OpenChildren({
  explanation: { open_children: children, progress },
  isCrawl,
  nowMs,
}: {
  explanation: Explanation;
  isCrawl: boolean;
  nowMs: number;
}): ReactElement {
  const frame = useOnlyGrows<HTMLElement>();
  const unnamed = progress.pending_children + progress.running_children - children.length;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and not every browser lets a key into it otherwise */}
      <section className="open-children" ref={frame} aria-label="What is open" tabIndex={0}>
        <table className="table" data-kind="open">
          <caption className="visually-hidden">Open children, running ones first</caption>
          <thead>
            <tr>
              <th scope="col" className="col-status">
                Status
              </th>
              <th scope="col">{isCrawl ? 'Page' : 'Key'}</th>
              <th scope="col" className="col-try">
                Try
              </th>
              <th scope="col" className="col-holder">
                Worker
              </th>
            </tr>
          </thead>
          <tbody>
            {children.map((child) => (
              <OpenChildRow key={child.job_id} child={child} isCrawl={isCrawl} nowMs={nowMs} />
            ))}
          </tbody>
        </table>
      </section>
      {unnamed > 0 && <p className="open-more">And {formatCount(unnamed)} more</p>}
    </>
  );
}

function OpenChildRow({
  child,
  isCrawl,
  nowMs,
}: {
  child: OpenChild;
  isCrawl: boolean;
  nowMs: number;
}): ReactElement {
  const { text } = labelOf({ key: child.key, payload: isCrawl ? { url: child.key } : {} });
  return (
    <tr data-testid="open-child">
      <td className="col-status">
        <StatusBadge status={child.status} />
      </td>
      <td>
        <span className="child-label" title={child.key}>
          {child.is_parent ? (
            <Link href={`/jobs/${child.job_id}`}>
              <NestedLabel text={text} />
            </Link>
          ) : (
            text
          )}
        </span>
        {child.error && (
          <span className="child-note child-error" data-status="failed" title={child.error.technical_detail}>
            {child.error.user_message}
          </span>
        )}
        <span className="child-note try-note">{tryInWords(child)}</span>
      </td>
      <td className="col-try">{tryInWords(child)}</td>
      <td className="col-holder">
        <span className="holder" title={holderInWords(child)}>
          {holderInWords(child)}
        </span>
        <span className="child-note" data-late={hasRunOut(child, nowMs) || undefined}>
          {holdInWords(child, nowMs)}
        </span>
      </td>
    </tr>
  );
}
