import type { Explanation, ParentJobProgress } from '@progeny/contract';
import type { ReactElement } from 'react';
import { useAccess } from '../app-context.ts';
import { useNow } from '../live/use-now.ts';
import { useOnlyGrows } from '../live/use-only-grows.ts';
import { outlookInWords } from '../words/explanation-words.ts';
import { OpenChildren } from './open-children.tsx';
import { useExplanation } from './use-explanation.ts';

/** What the end waits for. It follows the server while it is there, and says so when it cannot. */
export function ExplanationPanel({
  progress,
  isCrawl,
}: {
  progress: ParentJobProgress;
  isCrawl: boolean;
}): ReactElement {
  const isReachable = useAccess() !== 'unreachable';
  const { value: explanation, problem } = useExplanation(progress);
  const nowMs = useNow(1_000);
  const frame = useOnlyGrows<HTMLDivElement>();
  return (
    <div className="explanation" data-testid="explanation" ref={frame}>
      {!isReachable && (
        <p className="explanation-trouble">
          The manager cannot be reached.
          {explanation ? ' This is what it said last.' : ' Why the job is open is not known.'}
        </p>
      )}
      {problem && <p className="explanation-trouble">{problem.detail ?? problem.title}</p>}
      {!explanation && isReachable && !problem && <p className="explanation-outlook">Asking…</p>}
      {explanation && <Reasons explanation={explanation} nowMs={nowMs} />}
      {explanation && explanation.open_children.length > 0 && (
        <OpenChildren explanation={explanation} isCrawl={isCrawl} nowMs={nowMs} />
      )}
    </div>
  );
}

function Reasons({ explanation, nowMs }: { explanation: Explanation; nowMs: number }): ReactElement {
  const frame = useOnlyGrows<HTMLDivElement>();
  return (
    <div ref={frame}>
      <ul>
        {explanation.reasons.map(({ code, message }) => (
          <li key={code} data-reason={code}>
            {message}
          </li>
        ))}
      </ul>
      <p className="explanation-outlook">{outlookInWords(explanation, nowMs).join(' ')}</p>
    </div>
  );
}
