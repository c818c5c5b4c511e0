import type { ParentJobProgress } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { type ReactElement, useState } from 'react';
import { ChevronIcon } from '../ui/icons.tsx';
import { whyOpenQuestion } from '../words/explanation-words.ts';
import { ExplanationPanel } from './explanation-panel.tsx';

/** Answers, to whoever asks, why the job has not ended. Its place stays when it has. Closed it asks the server nothing. */
export function WhyOpen({
  progress,
  isCrawl,
}: {
  progress: ParentJobProgress;
  isCrawl: boolean;
}): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  if (isParentEnded(progress.status)) return <div className="why" />;
  return (
    <div className="why">
      <button
        type="button"
        className="why-button"
        data-testid="why-open"
        aria-expanded={isOpen}
        aria-controls="explanation"
        onClick={() => setIsOpen(!isOpen)}
      >
        <ChevronIcon />
        {whyOpenQuestion(progress.status)}
      </button>
      <section id="explanation" aria-label={whyOpenQuestion(progress.status)} hidden={!isOpen}>
        {isOpen && <ExplanationPanel progress={progress} isCrawl={isCrawl} />}
      </section>
    </div>
  );
}
