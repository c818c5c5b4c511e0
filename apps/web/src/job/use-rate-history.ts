import type { ParentJobProgress } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { useEffect, useState } from 'react';
import { addRatePoint, type RatePoint } from '../live/rate-history.ts';

/** The rates of the snapshots seen since the page was opened. The end adds none: it is no rate, only the end. */
export function useRateHistory(progress: ParentJobProgress): readonly RatePoint[] {
  const [history, setHistory] = useState<readonly RatePoint[]>([]);
  useEffect(() => {
    if (isParentEnded(progress.status)) return;
    setHistory((before) => addRatePoint(before, progress, Date.now()));
  }, [progress]);
  return history;
}
