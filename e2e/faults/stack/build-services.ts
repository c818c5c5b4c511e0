import { rmSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';
import { bundle } from '@progeny/tools/bundle';
import { type Mutation, mutating } from './mutation.ts';

export const SERVICES = ['manager', 'parent-executor', 'ws-gateway', 'crawl-worker'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The bundle of each service. */
export type Build = Readonly<Record<ServiceName, string>>;

let builds = 0;

/**
 * Bundles the real services with the bus that can be disturbed, and with a mutation where one is given. They are
 * written where Node.js finds what each service's package.json lists; `remove` takes them away.
 */
export async function buildServices(
  services: readonly ServiceName[] = SERVICES,
  mutation?: Mutation,
): Promise<{ files: Partial<Build>; remove(): void }> {
  const root = workspaceRoot();
  builds += 1;
  const number = builds;
  const folderOf = (service: ServiceName) =>
    path.join(root, 'apps', service, 'node_modules/.cache', `faults-${process.pid}-${number}`);
  const remove = () => {
    for (const service of services) rmSync(folderOf(service), { recursive: true, force: true });
  };
  const files: Partial<Record<ServiceName, string>> = {};
  try {
    for (const service of services) {
      const outfile = path.join(folderOf(service), 'main.mjs');
      files[service] = outfile;
      await bundle({
        entry: path.join(root, 'e2e/faults/services', `${service}.ts`),
        outfile,
        tsconfig: path.join(root, 'e2e/tsconfig.json'),
        plugins: mutation ? [mutating(mutation, root)] : [],
      });
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { files, remove };
}
