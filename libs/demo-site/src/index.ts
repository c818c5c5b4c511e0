export type { PageOutcome } from './demo-page.ts';
export type { ExpectedCrawl } from './expected.ts';
export { type DemoSite, type DemoSiteOptions, startDemoSite } from './start-demo-site.ts';
