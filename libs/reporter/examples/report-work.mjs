import { createReporter } from '@progeny/reporter';

const reporter = createReporter({ url: process.argv[2] ?? 'http://127.0.0.1:4000' });
const parent = reporter.parent({ idempotencyKey: 'import-2026-11-22', name: 'Import of today' });

for (const file of ['a.csv', 'b.csv', 'c.csv']) {
  parent.addChild(file, { file });
  parent.status(file, { status: 'running', attempt: 1 });
  parent.progress(file, { attempt: 1, progress: 50, stage: 'reading' });
  parent.status(file, { status: 'completed', attempt: 1, result: { rows: 3 } });
}
parent.seal();

console.log((await reporter.close(10_000)) ? 'all told' : 'not all told', reporter.counters);
console.log(await parent.jobId);
