import type { ParentJobProgress } from '@progeny/contract';
import { useEffect, useState } from 'react';
import { addRatePoint, type RatePoint } from '../live/rate-history.ts';

/** The rates of the snapshots seen since the page was opened. */
export function useRateHistory(progress: ParentJobProgress): readonly RatePoint[] {
  const [history, setHistory] = useState<readonly RatePoint[]>([]);
  useEffect(() => setHistory((before) => addRatePoint(before, progress, Date.now())), [progress]);
  return history;
}
