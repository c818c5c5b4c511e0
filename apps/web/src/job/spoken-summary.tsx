import type { ParentJobProgress } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { spokenSummary } from '../words/progress-words.ts';

const SPEAK_EVERY_MS = 5_000;

/** What a screen reader hears of the counters: at most once in five seconds, and another status at once. */
export function SpokenSummary({
  name,
  progress,
}: {
  name: string;
  progress: ParentJobProgress;
}): ReactElement {
  const latest = spokenSummary(progress, name);
  const hasEnded = isParentEnded(progress.status);
  const [spoken, setSpoken] = useState(latest);
  const unspoken = useRef(latest);
  useEffect(() => {
    unspoken.current = latest;
  }, [latest]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another status is the reason to speak
  useEffect(() => setSpoken(unspoken.current), [progress.status]);
  useEffect(() => {
    if (hasEnded) return;
    const timer = setInterval(() => setSpoken(unspoken.current), SPEAK_EVERY_MS);
    return () => clearInterval(timer);
  }, [hasEnded]);
  return (
    <p className="visually-hidden" aria-live="polite" aria-atomic="true">
      {spoken}
    </p>
  );
}
