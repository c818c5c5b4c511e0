import type { Problem } from '@progeny/contract';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { createRefresher, type Refresher } from './refresher.ts';

export interface Fetched<Value> {
  value: Value | null;
  /** Why there will be no value: the server has refused. A server that is away is asked again by itself. */
  problem: Problem | null;
  refresh: () => void;
}

/** Loads once, and again on `refresh`, at most once a second. What was loaded stays while the server is away. */
export function useFetched<Value>(load: () => Promise<Value>): Fetched<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const refresher = useRef<Refresher>(null);
  const run = useEffectEvent(async (): Promise<'done'> => {
    try {
      setValue(await load());
      setProblem(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    }
    return 'done';
  });
  useEffect(() => {
    const own = createRefresher({ run: () => run(), now: Date.now });
    refresher.current = own;
    own.request();
    return own.stop;
  }, []);
  return { value, problem, refresh: () => refresher.current?.request() };
}
