import { createHttpClient } from './http-get.ts';
import { createRobotsCache } from './robots-cache.ts';
import { type Visit, type VisitTask, visitPage } from './visit-page.ts';

export interface PageVisitor {
  /** As `visitPage`. */
  visit(task: VisitTask): Promise<Visit>;
  /** Ends every connection. */
  close(): Promise<void>;
}

export interface PageVisitorOptions {
  userAgent: string;
  allowPrivateHosts: boolean;
  timeoutMs: number;
  maxBytes: number;
}

const ROBOTS_TIMEOUT_MS = 10_000;

export function createPageVisitor(options: PageVisitorOptions): PageVisitor {
  const { userAgent, timeoutMs, maxBytes } = options;
  const http = createHttpClient(options);
  const robots = createRobotsCache({ http, userAgent, timeoutMs: Math.min(ROBOTS_TIMEOUT_MS, timeoutMs) });
  return {
    visit: (task) => visitPage(task, { http, robots, timeoutMs, maxBytes }),
    close() {
      robots.close();
      return http.close();
    },
  };
}
