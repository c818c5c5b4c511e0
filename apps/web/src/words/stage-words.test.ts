import type { PipelineStep } from '@progeny/contract';
import {
  childStateInWords,
  detailInWords,
  durationOf,
  stageInWords,
  stepInWords,
  successOf,
} from './stage-words.ts';

test('a stage is told by its label, or by its name as people write', () => {
  expect(stageInWords({ stage: 'fetching', label: '' })).toBe('Fetching');
  expect(stageInWords({ stage: 'ocr_pass-2', label: '' })).toBe('Ocr pass 2');
  expect(stageInWords({ stage: 'ocr', label: 'Reading page 3' })).toBe('Reading page 3');
});

test.each([
  ['pending', 'queued', 'Waits for its turn'],
  ['running', 'queued', 'Begun'],
  ['running', 'parsing', 'Parsing'],
  ['completed', 'complete', 'Done'],
  ['failed', 'storing', 'Failed, last at: Storing'],
  ['cancelled', 'parsing', 'Cancelled'],
  ['skipped', 'queued', 'Skipped'],
] as const)('a child that is %s at %s: %s', (status, progress_stage, words) =>
  expect(childStateInWords({ status, progress_stage, progress_label: '' })).toBe(words),
);

test.each<[PipelineStep, string, boolean | null, number | null]>([
  [{ event: 'pipeline_started' }, 'Started', null, null],
  [{ event: 'page_started', page_index: 0 }, 'Page 1 begun', null, null],
  [{ event: 'page_done', page_index: 2, duration_ms: 40, success: true }, 'Page 3 done', true, 40],
  [{ event: 'page_done', page_index: 2, duration_ms: 0, success: false }, 'Page 3 failed', false, 0],
  [{ event: 'extract_done', duration_ms: 7 }, 'Extracted', null, 7],
  [{ event: 'assembly_done' }, 'Assembled', null, null],
  [{ event: 'pipeline_done', success: false }, 'Ended without success', false, null],
])('%j', (step, words, success, durationMs) => {
  expect([stepInWords(step), successOf(step), durationOf(step)]).toEqual([words, success, durationMs]);
});

test('a detail takes one line, whatever is in it', () => {
  const detailOf = (detail: Record<string, unknown>) => detailInWords({ event: 'pipeline_started', detail });
  expect(detailOf({ bytes: 1204, kind: 'html', tags: ['a'] })).toBe('bytes 1204, kind html, tags ["a"]');
  expect(detailOf({})).toBe('');
  expect(detailInWords({ event: 'pipeline_started' })).toBe('');
  expect(detailOf({ text: 'x'.repeat(500) })).toHaveLength(161);
});
