/** Looks at one neighbour. Rejecting means that it is away; the message says how. */
export type HealthCheck = () => Promise<void> | void;

export interface Health {
  ready: boolean;
  checks: Record<string, 'ok' | string>;
}

/** A bus is there while it says that it is connected. */
export const connectedCheck =
  (bus: { readonly state: string }): HealthCheck =>
  () => {
    if (bus.state !== 'connected') throw new Error(bus.state);
  };

const CHECK_TIMEOUT_MS = 2_000;

/** Asks all neighbours at once; one that does not answer within two seconds is away. */
export async function checkHealth(checks: Readonly<Record<string, HealthCheck>>): Promise<Health> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, string]> => {
      try {
        await withTimeout(check);
        return [name, 'ok'];
      } catch (error) {
        return [name, error instanceof Error ? error.message : String(error)];
      }
    }),
  );
  return { ready: entries.every(([, state]) => state === 'ok'), checks: Object.fromEntries(entries) };
}

async function withTimeout(check: HealthCheck): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}
