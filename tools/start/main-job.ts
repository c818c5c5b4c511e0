import { colors } from '../colors.ts';
import { gatewayUrl } from './addresses.ts';
import { bucketsOf, countRows, followJob, startCrawl } from './crawl.ts';
import { progressLine } from './progress-line.ts';
import type { Run } from './run.ts';
import { exitCodeOf, summaryLines } from './summary.ts';

/** A crawl, live in the terminal, and its end. Resolves with the exit code that it deserves. */
export async function doMainJob(
  { terminal, signal, ports, page }: Run,
  { seed, databaseUrl }: { seed: string; databaseUrl: string },
): Promise<number> {
  const startedMs = performance.now();
  const jobId = await startCrawl(page, seed);
  const address = `${page}/jobs/${jobId}`;
  terminal.line(`  Crawling  ${seed}`);
  terminal.line(`  Watch it  ${colors.cyan(address)}\n`);
  const last = await followJob(jobId, {
    addresses: { apiUrl: page, gatewayUrl: gatewayUrl(ports['ws-gateway'][0]) },
    signal,
    onProgress: (progress) => terminal.live(progressLine(progress, { columns: terminal.columns, address })),
  });
  terminal.settle();
  if (last === null) return 1;
  const end = {
    status: last.status,
    durationMs: performance.now() - startedMs,
    counters: bucketsOf(last),
    rows: await countRows(databaseUrl, jobId),
  };
  terminal.line();
  for (const line of summaryLines(end)) terminal.line(line);
  return exitCodeOf(end);
}
