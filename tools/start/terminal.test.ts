import type { ParentJobProgress } from '@progeny/contract';
import { progressText } from '@progeny/core';
import { progressLine } from './progress-line.ts';
import { doCountersAgree, exitCodeOf, summaryLines } from './summary.ts';
import { createTerminal } from './terminal.ts';

const COUNTS = { pending: 66, running: 1, completed: 41, failed: 0, cancelled: 0, skipped: 2 };
const ADDRESS = 'http://127.0.0.1:4000/jobs/01a20128-5c3a-74ee-ab80-ad266eea558c';
const TEXT = '66 pending, 1 running, 41 completed, 0 failed';

const PROGRESS: ParentJobProgress = {
  job_id: '01a20128-5c3a-74ee-ab80-ad266eea558c',
  parent_id: null,
  version: 7,
  status: 'running',
  sealed: true,
  total_children: 110,
  pending_children: 66,
  running_children: 1,
  completed_children: 41,
  failed_children: 0,
  cancelled_children: 0,
  skipped_children: 2,
  progress_text: TEXT,
  progress_percentage: 39,
  children_per_second: 9,
  eta_seconds: 7,
  verified_at: null,
};

function terminal(isTTY: boolean) {
  let text = '';
  let nowMs = 0;
  const stream = {
    isTTY,
    columns: 80,
    write: (chunk: string) => {
      text += chunk;
    },
  };
  return {
    ...createTerminal(stream, { now: () => nowMs }),
    text: () => text,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('the progress line', () => {
  test.each([200, 160, 120, 100, 80, 60])('says the exact text and never wraps at %d columns', (columns) => {
    const line = progressLine(PROGRESS, { columns, address: ADDRESS });
    expect(line).toContain(TEXT);
    expect(line.length).toBeLessThan(columns);
  });

  test('has the address beside it when there is room', () => {
    expect(progressLine(PROGRESS, { columns: 160, address: ADDRESS })).toContain(`${TEXT}  ${ADDRESS}`);
    expect(progressLine(PROGRESS, { columns: 80, address: ADDRESS })).not.toContain('http');
  });

  test.each([
    [0, 0, '░'.repeat(24)],
    [39, 41, `${'█'.repeat(8)}${'░'.repeat(16)}`],
    [99, 109, `${'█'.repeat(23)}░`],
  ])('at %d %% with %d completed of 110 the bar is not full', (percent, completed, bar) => {
    const progress = {
      ...PROGRESS,
      progress_percentage: percent,
      completed_children: completed,
      skipped_children: 0,
    };
    expect(progressLine(progress, { columns: 200, address: ADDRESS })).toContain(`  ${bar} `);
  });

  test('at the end the bar is full, whatever the shares were', () => {
    const ended = {
      ...PROGRESS,
      progress_percentage: 100,
      completed_children: 101,
      failed_children: 7,
      skipped_children: 2,
    };
    expect(progressLine(ended, { columns: 200, address: ADDRESS })).toContain('█'.repeat(24));
  });
});

describe('the terminal', () => {
  test('redraws one line, and a notice goes above it', () => {
    const tty = terminal(true);
    tty.live('one');
    tty.live('two');
    tty.line('notice');
    tty.live('three');
    tty.settle();
    tty.line('after');
    const screen = tty
      .text()
      .split('\n')
      .map((line) => line.split('\r\x1b[2K').at(-1));
    expect(screen).toEqual(['notice', 'three', 'after', '']);
  });

  test('without a terminal a line is written when it changes, at most one a second, and always the last', () => {
    const plain = terminal(false);
    plain.live('0 %');
    plain.live('0 %');
    plain.live('1 %');
    plain.pass(1_000);
    plain.live('2 %');
    plain.live('3 %');
    plain.settle();
    expect(plain.text()).toBe('0 %\n2 %\n3 %\n');
  });

  test('a step says how it ended and how long it took', async () => {
    const plain = terminal(false);
    await plain.step(
      'PostgreSQL',
      async () => plain.pass(340),
      () => '127.0.0.1:4032',
    );
    expect(plain.text()).toBe('  ✓ PostgreSQL   127.0.0.1:4032  0.3 s\n');
    await expect(plain.step('NATS', () => Promise.reject(new Error('no')), String)).rejects.toThrow('no');
    expect(plain.text()).toContain('  ✗ NATS\n');
  });
});

describe('the end of a crawl', () => {
  const end = { status: 'completed' as const, durationMs: 12_345, counters: COUNTS, rows: COUNTS };

  test('shows all six buckets and their sum, and that the rows agree', () => {
    const text = summaryLines(end).join('\n');
    expect(text).toContain('completed in 12.3 s');
    for (const [bucket, count] of Object.entries(COUNTS)) {
      expect(text).toMatch(new RegExp(`^ {4}${bucket} +${count}$`, 'm'));
    }
    expect(text).toMatch(/^ {4}total +110 {2}as many as rows in PostgreSQL, bucket by bucket$/m);
    expect(exitCodeOf(end)).toBe(0);
  });

  test('hides no difference: it is named, and the exit code is 1', () => {
    const wrong = { ...end, rows: { ...COUNTS, failed: 1 } };
    expect(doCountersAgree(wrong)).toBe(false);
    expect(exitCodeOf(wrong)).toBe(1);
    const text = summaryLines(wrong).join('\n');
    expect(text).toMatch(/failed +0 {2}but 1 rows in PostgreSQL/);
    expect(text).not.toContain('bucket by bucket');
  });

  test.each(['failed', 'cancelled'] as const)('%s is not a success', (status) => {
    expect(exitCodeOf({ ...end, status })).toBe(1);
  });
});

test('the text is the one that every other view shows', () => {
  expect(progressText(COUNTS)).toBe(TEXT);
});
