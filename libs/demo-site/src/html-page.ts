import type { DemoPage } from './demo-page.ts';
import { renderPage } from './layout.ts';

/** A page that simply works, perhaps slowly. */
export function htmlPage(
  path: string,
  content: { title: string; lead: string; main: string },
  latencyMs: number | null = null,
): DemoPage {
  const body = renderPage(content);
  return {
    path,
    outcome: 'completed',
    ...(latencyMs !== null && { latencyMs }),
    answer: () => ({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body }),
  };
}
