import type { Reader } from './reader.ts';

interface Tenant {
  readers: Set<Reader>;
  /** Those of them that take children, too. */
  withChildren: Set<Reader>;
  release: () => void;
}

/** Who watches everything that it may see, by tenant; all of it, or parents alone. */
export class Everything {
  readonly #tenants = new Map<string, Tenant>();

  /** `onFirst` is called for the first reader of a tenant, and what it answers after the last one has gone. */
  constructor(private readonly onFirst: (tenantId: string) => () => void) {}

  get size(): number {
    return this.#tenants.size;
  }

  get tenants(): Iterable<string> {
    return this.#tenants.keys();
  }

  isWatched(tenantId: string): boolean {
    return this.#tenants.has(tenantId);
  }

  has(reader: Reader): boolean {
    return this.#tenants.get(reader.identity.tenantId)?.readers.has(reader) ?? false;
  }

  join(reader: Reader): void {
    const { tenantId } = reader.identity;
    const tenant = this.#tenants.get(tenantId) ?? {
      readers: new Set<Reader>(),
      withChildren: new Set<Reader>(),
      release: this.onFirst(tenantId),
    };
    this.#tenants.set(tenantId, tenant);
    tenant.readers.add(reader);
    tenant.withChildren.add(reader);
  }

  /** It takes parents alone. */
  narrow(reader: Reader): void {
    this.#tenants.get(reader.identity.tenantId)?.withChildren.delete(reader);
  }

  /** True when the last one of its tenant has gone. */
  leave(reader: Reader): boolean {
    const { tenantId } = reader.identity;
    const tenant = this.#tenants.get(tenantId);
    if (!tenant?.readers.delete(reader)) return false;
    tenant.withChildren.delete(reader);
    if (tenant.readers.size > 0) return false;
    this.#tenants.delete(tenantId);
    tenant.release();
    return true;
  }

  wantsChildren(tenantId: string): boolean {
    return (this.#tenants.get(tenantId)?.withChildren.size ?? 0) > 0;
  }

  readersOf(tenantId: string, { isChild }: { isChild: boolean }): Iterable<Reader> {
    const tenant = this.#tenants.get(tenantId);
    return (isChild ? tenant?.withChildren : tenant?.readers) ?? [];
  }

  all(): Reader[] {
    return [...this.#tenants.values()].flatMap(({ readers }) => [...readers]);
  }
}
