import { z } from 'zod';

/** What a crawl may do. The defaults suit a look at one site. */
export const crawlLimitsSchema = z.object({
  /** Pages the crawl may take on, the seeds included; links found after that are left alone. */
  max_pages: z.int().min(1).max(1_000_000).default(1000),
  /** Links followed from a seed: 0 is the seeds alone. */
  max_depth: z.int().min(0).max(1000).default(20),
});
export type CrawlLimits = z.infer<typeof crawlLimitsSchema>;

/** The job type of a crawl's children. */
export const PAGE_JOB_TYPE = 'page';

/** The payload of a crawl's child. */
export const pagePayloadSchema = z.object({ url: z.url(), depth: z.int().min(0) });
export type PagePayload = z.infer<typeof pagePayloadSchema>;

/** The result of a crawl's child: what was fetched, without the text itself. */
export const pageResultSchema = z.object({
  http_status: z.int(),
  content_type: z.string().nullable(),
  title: z.string().nullable(),
  size_bytes: z.int().min(0),
  /** Of the body as received, hexadecimal; null when there was none. */
  sha256: z.string().nullable(),
  links_found: z.int().min(0),
  duration_ms: z.int().min(0),
  /** Where a redirect leads; the target is a child of its own. */
  redirected_to: z.string().optional(),
});
export type PageResult = z.infer<typeof pageResultSchema>;
