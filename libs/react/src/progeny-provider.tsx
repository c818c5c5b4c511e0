import type { ProgenyClient } from '@progeny/client';
import { createContext, type ReactElement, type ReactNode, useContext } from 'react';

const ClientContext = createContext<ProgenyClient | null>(null);

/** A hook of this package was called outside of a `<ProgenyProvider>`. */
export class MissingProviderError extends Error {
  override readonly name = 'MissingProviderError';
  readonly code = 'missing_provider';

  constructor() {
    super('Put a <ProgenyProvider client={…}> above the components that use its hooks.');
  }
}

/**
 * Gives the hooks below it their client. Make the client once, outside of any component, with `connect`; the provider
 * neither opens nor closes it.
 */
export function ProgenyProvider({
  client,
  children,
}: {
  client: ProgenyClient;
  children: ReactNode;
}): ReactElement {
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>;
}

/** The client itself, to `accept` what came another way or to `resync`. Throws MissingProviderError. */
export function useProgenyClient(): ProgenyClient {
  const client = useContext(ClientContext);
  if (!client) throw new MissingProviderError();
  return client;
}
