import type { ProgressClient } from '@progeny/client';
import { createContext, useContext } from 'react';
import type { ProgenyApi } from './api/progeny-api.ts';
import type { Reachability } from './api/reachability.ts';

/** What the page talks to, made once in `main.tsx`. */
export interface AppServices {
  api: ProgenyApi;
  client: ProgressClient;
  reachability: Reachability;
}

export const AppContext = createContext<AppServices | null>(null);

export function useApp(): AppServices {
  const services = useContext(AppContext);
  if (!services) throw new Error('AppContext is missing');
  return services;
}
