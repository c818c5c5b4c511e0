import { CHILD_STATUSES, type ChildStatus, type JobLog, type ParentJobProgress } from '@progeny/contract';

const LINE = /^Child (?<id>[0-9a-f]{8}) -> (?<to>\w+)\. (?<text>.*)$/;

type Told = Partial<Record<ChildStatus, number>>;

function readLine(line: string): { to: ChildStatus; text: string; counts: Told } {
  const { to = '', text = '' } = LINE.exec(line)?.groups ?? {};
  const status = CHILD_STATUSES.find((known) => known === to);
  if (!status) throw new Error(`not a line of a log: ${line}`);
  const counts: Told = {};
  for (const [, count, word] of text.matchAll(/(\d+) (\w+)/g)) {
    const told = CHILD_STATUSES.find((known) => known === word);
    if (told) counts[told] = Number(count);
  }
  return { to: status, text, counts };
}

/** Numbered without a gap; each line is the one before with one child moved, and the last is what the counts say. */
export function expectAddsUp({ lines }: JobLog, progress: ParentJobProgress): void {
  const read = lines.map(({ line }) => readLine(line));
  const first = lines[0]?.number ?? 1;
  expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => first + index));
  read.forEach(({ to, counts }, index) => {
    const before = read[index - 1]?.counts ?? (first === 1 ? NOTHING : null);
    if (before) expectOneMoved(before, counts, to);
  });
  expect(read.at(-1)?.text ?? '0 pending, 0 running, 0 completed, 0 failed').toBe(progress.progress_text);
}

const NOTHING: Told = { pending: 0, running: 0, completed: 0, failed: 0 };

/** One more where it went; one less elsewhere, or nowhere: it was born, or came from a bucket that no line tells. */
function expectOneMoved(before: Told, after: Told, to: ChildStatus): void {
  const moved = Object.keys(NOTHING).map((status) => {
    const known = status as ChildStatus;
    return { known, by: (after[known] ?? 0) - (before[known] ?? 0) };
  });
  const gone = moved.filter(({ by }) => by < 0);
  const come = moved.filter(({ by }) => by > 0);
  expect(gone.every(({ by }) => by === -1) && gone.length <= 1).toBe(true);
  expect(come).toEqual(to in NOTHING ? [{ known: to, by: 1 }] : []);
}
