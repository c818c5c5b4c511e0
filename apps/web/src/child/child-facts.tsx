import type { ChildView } from '@progeny/contract';
import type { ReactElement } from 'react';
import { ChevronIcon } from '../ui/icons.tsx';
import { pageFactsOf } from '../words/job-words.ts';
import { formatBytes } from '../words/quantity.ts';

/** What came of it, and what it was given. */
export function ChildFacts({ child }: { child: ChildView }): ReactElement {
  const { httpStatus, title, sizeBytes } = pageFactsOf(child);
  const facts = [
    ['Title', title],
    ['HTTP', httpStatus],
    ['Size', sizeBytes === null ? null : formatBytes(sizeBytes)],
  ].flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
  return (
    <section className="facts" aria-labelledby="facts-title">
      <div className="section-head">
        <h2 id="facts-title">Result</h2>
      </div>
      <div className="facts-frame">
        {facts.length > 0 && (
          <dl>
            {facts.map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {child.result === null ? (
          <p className="facts-empty">{emptyWords(child)}</p>
        ) : (
          <Json name="All of the result" value={child.result} isOpen={facts.length === 0} />
        )}
        {Object.keys(child.payload).length > 0 && <Json name="What it was given" value={child.payload} />}
      </div>
    </section>
  );
}

function Json({
  name,
  value,
  isOpen = false,
}: {
  name: string;
  value: Record<string, unknown>;
  isOpen?: boolean;
}): ReactElement {
  return (
    <details className="json" open={isOpen}>
      <summary>
        <span className="json-sign">
          <ChevronIcon />
        </span>
        {name}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and not every browser lets a key into it otherwise */}
      <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}

const emptyWords = ({ status }: ChildView): string => {
  if (status === 'pending' || status === 'running') return 'Nothing yet';
  return status === 'completed' ? 'Done without a result' : 'No result';
};
