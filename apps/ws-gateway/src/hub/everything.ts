import type { Reader } from './reader.ts';

/** Readers, and what is held while there are any. */
class Crowd {
  readonly readers = new Set<Reader>();
  #release: (() => void) | undefined;

  constructor(private readonly onFirst: () => () => void) {}

  add(reader: Reader): void {
    if (this.readers.size === 0) this.#release = this.onFirst();
    this.readers.add(reader);
  }

  /** True when it was the last one. */
  remove(reader: Reader): boolean {
    if (!this.readers.delete(reader) || this.readers.size > 0) return false;
    this.#release?.();
    return true;
  }
}

interface Tenant {
  all: Crowd;
  /** Those of them that take children, too. */
  withChildren: Crowd;
}

/** Who watches everything that it may see, by tenant; all of it, or parents alone. */
export class Everything {
  readonly #tenants = new Map<string, Tenant>();

  /**
   * `onFirst` is called for the first reader of a tenant, and for the first that takes children; what it answers, after
   * the last one has gone.
   */
  constructor(private readonly onFirst: (tenantId: string, all: 'parents' | 'children') => () => void) {}

  get size(): number {
    return this.#tenants.size;
  }

  get tenants(): Iterable<string> {
    return this.#tenants.keys();
  }

  has(reader: Reader): boolean {
    return this.#tenants.get(reader.identity.tenantId)?.all.readers.has(reader) ?? false;
  }

  join(reader: Reader): void {
    const { tenantId } = reader.identity;
    const tenant = this.#tenants.get(tenantId) ?? {
      all: new Crowd(() => this.onFirst(tenantId, 'parents')),
      withChildren: new Crowd(() => this.onFirst(tenantId, 'children')),
    };
    this.#tenants.set(tenantId, tenant);
    tenant.all.add(reader);
    tenant.withChildren.add(reader);
  }

  /** It takes parents alone. True when it was the last one of its tenant that took children. */
  narrow(reader: Reader): boolean {
    return this.#tenants.get(reader.identity.tenantId)?.withChildren.remove(reader) ?? false;
  }

  /** True when it was the last one of its tenant, or the last that took children. */
  leave(reader: Reader): boolean {
    const { tenantId } = reader.identity;
    const tenant = this.#tenants.get(tenantId);
    if (!tenant) return false;
    const wasLastWithChildren = tenant.withChildren.remove(reader);
    if (!tenant.all.remove(reader)) return wasLastWithChildren;
    this.#tenants.delete(tenantId);
    return true;
  }

  readersOf(tenantId: string, { isChild }: { isChild: boolean }): ReadonlySet<Reader> {
    const tenant = this.#tenants.get(tenantId);
    return (isChild ? tenant?.withChildren : tenant?.all)?.readers ?? NOBODY;
  }

  all(): Reader[] {
    return [...this.#tenants.values()].flatMap(({ all }) => [...all.readers]);
  }
}

const NOBODY: ReadonlySet<Reader> = new Set();
