import type { ParentReporter, Reporter } from '@progeny/reporter';
import type { AnyJob, AttachOptions } from './bridge.ts';

/** Where the jobs of a queue that belong to no flow are told. */
export interface Parents {
  /** The same for the same job, also after a restart: by `parentOf`, by `parentName`, else by the day of its creation. */
  of(job: Pick<AnyJob, 'timestamp'>): ParentReporter;
  /** Of `parentName`. */
  sealNamed(): void;
  /** Seals the days that have been over for a while; of what came in then nothing can be missing. */
  sealPastDays(nowMs: number): void;
}

const DAY_MS = 86_400_000;
/** After midnight, for what is still on its way. */
const SEAL_DELAY_MS = 3_600_000;

export function createParents({
  reporter,
  queue,
  parentName,
  parentOf = () => undefined,
}: Pick<AttachOptions, 'reporter' | 'queue' | 'parentName' | 'parentOf'>): Parents {
  const days = new Map<string, ParentReporter>();
  const open = (kind: string, name: string) =>
    openParent(reporter, { key: `bullmq:${queue.qualifiedName}:${kind}:${name}`, name, childType: 'bullmq' });

  return {
    of(job) {
      const name = attempted(() => parentOf(job as AnyJob)) ?? parentName;
      if (name !== undefined) return open('name', name);
      const day = new Date(job.timestamp).toISOString().slice(0, 10);
      const known = days.get(day);
      if (known) return known;
      const parent = open('day', `${queue.name} ${day}`);
      days.set(day, parent);
      return parent;
    },
    sealNamed() {
      if (parentName !== undefined) open('name', parentName).seal();
    },
    sealPastDays(nowMs) {
      for (const [day, parent] of days) {
        if (nowMs < Date.parse(day) + DAY_MS + SEAL_DELAY_MS) continue;
        parent.seal();
        days.delete(day);
      }
    },
  };
}

/** What a function of the application says; undefined when it throws, for that must not keep its jobs from being told. */
export function attempted<Value>(ask: () => Value): Value | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

export const openParent = (
  reporter: Reporter,
  { key, name, childType }: { key: string; name: string; childType: string },
): ParentReporter => reporter.parent({ idempotencyKey: key, name, childType });
