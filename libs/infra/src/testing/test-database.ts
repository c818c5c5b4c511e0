export interface TestDatabase {
  url: string;
  /** Removes it, also from under connections that are still open. */
  drop(): Promise<void>;
}

/** Where the host of this Jest run listens; set by global-setup.ts. */
export const HOST_URL_VARIABLE = 'PROGENY_TEST_DATABASES';

/**
 * A migrated PostgreSQL database of its own, for tests only. The first call of a Jest run starts the server (about a
 * second), every other copies a template (about 50 ms).
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const host = process.env[HOST_URL_VARIABLE];
  if (!host) throw new Error('no test databases here: name the test x.int.test.ts or x.e2e.test.ts');
  const { name, url } = await ask(`${host}/databases`, 'POST');
  return {
    url,
    async drop() {
      await ask(`${host}/databases/${name}`, 'DELETE');
    },
  };
}

async function ask(url: string, method: string): Promise<{ name: string; url: string }> {
  const response = await fetch(url, { method });
  if (!response.ok) throw new Error(`test databases: ${await response.text()}`);
  return (await response.json()) as { name: string; url: string };
}
