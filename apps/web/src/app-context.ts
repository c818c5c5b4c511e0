import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Access, AccessStore } from './api/access.ts';
import type { ProgenyApi } from './api/progeny-api.ts';

/** What the page talks to beside the live client, made once in `main.tsx`. */
export interface AppServices {
  api: ProgenyApi;
  access: AccessStore;
}

export const AppContext = createContext<AppServices | null>(null);

export function useApp(): AppServices {
  const services = useContext(AppContext);
  if (!services) throw new Error('AppContext is missing');
  return services;
}

export function useAccess(): Access {
  const { access } = useApp();
  return useSyncExternalStore(access.subscribe, access.getSnapshot);
}
