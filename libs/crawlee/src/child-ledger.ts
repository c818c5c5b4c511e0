import type { ParentReporter, ProgressReport, StatusReport } from '@progeny/reporter';

/** Ended children that are remembered, to be said again if that got lost; of older ones the loss stands. */
export const ENDED_KEPT = 100_000;

export interface OpenChild {
  readonly key: string;
  readonly payload: Record<string, unknown>;
  /** 0 before the first. */
  attempt: number;
  isInWork: boolean;
}

/** What was said of the children of one parent, so that nothing is said of one that has ended, and all can be said again. */
export interface ChildLedger {
  find(key: string): OpenChild | undefined;
  /** Says that there is such a child, unless that was said. Null for one that has ended. */
  open(key: string, payload: () => Record<string, unknown>): OpenChild | null;
  /** A try of it begins; the attempt is raised when that one was already. */
  begin(child: OpenChild, attempt: number): void;
  progress(child: OpenChild, report: Omit<ProgressReport, 'attempt'>): void;
  end(child: OpenChild, report: Omit<StatusReport, 'attempt'>): void;
  openChildren(): OpenChild[];
  /** Says again how it stands; of one that has ended without its result and details. */
  restate(key: string): void;
}

export function createChildLedger(parent: ParentReporter): ChildLedger {
  const open = new Map<string, OpenChild>();
  const ended = new Map<string, StatusReport>();

  return {
    find: (key) => open.get(key),
    open(key, payload) {
      const known = open.get(key);
      if (known || ended.has(key)) return known ?? null;
      const child = { key, payload: payload(), attempt: 0, isInWork: false };
      open.set(key, child);
      parent.addChild(key, child.payload);
      return child;
    },
    begin(child, attempt) {
      child.attempt = Math.max(attempt, child.attempt + 1);
      child.isInWork = true;
      parent.status(child.key, { status: 'running', attempt: child.attempt });
    },
    progress: ({ key, attempt }, report) => parent.progress(key, { ...report, attempt }),
    end({ key, attempt }, report) {
      const full = { ...report, attempt: Math.max(1, attempt) };
      open.delete(key);
      parent.status(key, full);
      ended.set(key, briefly(full));
      const [oldest] = ended.size > ENDED_KEPT ? ended.keys() : [];
      if (oldest !== undefined) ended.delete(oldest);
    },
    openChildren: () => [...open.values()],
    restate(key) {
      const child = open.get(key);
      const end = ended.get(key);
      if (child) {
        parent.addChild(key, child.payload);
        if (child.attempt > 0) parent.status(key, { status: 'running', attempt: child.attempt });
      } else if (end) {
        parent.status(key, end);
      }
    },
  };
}

/** Without what is long. */
const briefly = ({ status, attempt, error }: StatusReport): StatusReport => ({
  status,
  attempt,
  ...(error && { error: { ...error, technical_detail: '' } }),
});
