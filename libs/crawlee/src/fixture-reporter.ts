import type { Loss, ParentOptions, ParentReporter, Reporter, StatusReport } from '@progeny/reporter';

export interface SaidChild {
  payload: Record<string, unknown> | undefined;
  status: 'pending' | StatusReport['status'];
  attempt: number;
  /** In the order in which it was said: `running 1`, `fetching 10`, `completed 1`. */
  said: string[];
  last: StatusReport | null;
}

export interface SaidParent {
  options: ParentOptions;
  reporter: ParentReporter;
  children: Map<string, SaidChild>;
  isSealed: boolean;
  counts(): Record<string, number>;
}

/** What a crawler has said, held against the manager's rules: `faults` is what it would refuse. */
export interface FixtureReporter extends Reporter {
  parents: SaidParent[];
  faults: string[];
  setOnline(isOnline: boolean): void;
  /** As when too much waits: what was said of these children is gone. */
  lose(parent: SaidParent, keys: readonly string[]): void;
}

export function createFixtureReporter(): FixtureReporter {
  const parents: SaidParent[] = [];
  const faults: string[] = [];
  const onLost = new Set<(loss: Loss) => void>();
  const onOnline = new Set<() => void>();
  let isOnline = true;

  const openParent = (options: ParentOptions): SaidParent => {
    const children = new Map<string, SaidChild>();
    const childOf = (key: string, payload?: Record<string, unknown>): SaidChild => {
      const known = children.get(key);
      if (known) return known;
      if (parent.isSealed) faults.push(`${key} came after the seal`);
      const child: SaidChild = { payload, status: 'pending', attempt: 0, said: [], last: null };
      children.set(key, child);
      return child;
    };
    const reporter: ParentReporter = {
      addChild: (key, payload) => void childOf(key, payload),
      status(key, report) {
        const child = childOf(key);
        const isEnded = !['pending', 'running'].includes(child.status);
        if (isEnded && child.status !== report.status) faults.push(`${key} ${child.status} ${report.status}`);
        if (report.attempt < Math.max(1, child.attempt)) faults.push(`${key} fell back to ${report.attempt}`);
        child.status = report.status;
        child.attempt = report.attempt;
        child.last = report;
        child.said.push(`${report.status} ${report.attempt}`);
      },
      progress(key, { attempt, progress, stage }) {
        const child = childOf(key);
        if (attempt !== child.attempt) faults.push(`${key} progress of ${attempt}`);
        child.said.push(`${stage} ${progress}`);
      },
      seal() {
        parent.isSealed = true;
      },
      jobId: Promise.resolve(options.idempotencyKey),
    };
    const parent: SaidParent = {
      options,
      reporter,
      children,
      isSealed: false,
      counts() {
        const counts: Record<string, number> = {};
        for (const { status } of children.values()) counts[status] = (counts[status] ?? 0) + 1;
        return counts;
      },
    };
    parents.push(parent);
    return parent;
  };

  return {
    parents,
    faults,
    parent: (options) => openParent(options).reporter,
    counters: { sent: 0, buffered: 0, lost: 0, refused: 0, retries: 0 },
    get isOnline() {
      return isOnline;
    },
    onOnline(listener) {
      onOnline.add(listener);
      return () => void onOnline.delete(listener);
    },
    onLost(listener) {
      onLost.add(listener);
      return () => void onLost.delete(listener);
    },
    hasRoom: () => Promise.resolve(true),
    flush: () => Promise.resolve(true),
    close: () => Promise.resolve(true),
    setOnline(next) {
      isOnline = next;
      if (next) for (const listener of onOnline) listener();
    },
    lose(parent, keys) {
      for (const key of keys) parent.children.delete(key);
      for (const listener of onLost) listener({ parent: parent.reporter, keys });
    },
  };
}

/** Path to status and error code, of the first parent if none is named. */
export const endsOf = (reporter: FixtureReporter, parent = reporter.parents[0]): Record<string, string> =>
  Object.fromEntries(
    [...(parent?.children ?? [])].map(([key, { status, last }]) => [
      new URL(key).pathname.slice(1),
      `${status} ${last?.error?.error_code ?? ''}`.trim(),
    ]),
  );
