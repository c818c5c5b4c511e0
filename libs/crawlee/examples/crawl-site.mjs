import { CheerioCrawler, Configuration } from '@crawlee/cheerio';
import { attachCrawlee } from '@progeny/crawlee';
import { createReporter } from '@progeny/reporter';

const [site = 'https://site.example/', manager = 'http://127.0.0.1:4000'] = process.argv.slice(2);

const crawler = new CheerioCrawler(
  {
    respectRobotsTxtFile: true,
    minConcurrency: 4,
    additionalHttpErrorStatusCodes: [404],
    async requestHandler({ enqueueLinks }) {
      await enqueueLinks();
    },
  },
  new Configuration({ persistStorage: false }),
);

const reporter = createReporter({ url: manager, token: process.env.PROGENY_TOKEN });
const progress = attachCrawlee(crawler, { reporter, name: `Crawl of ${site}` });

const run = crawler.run([site]);
void progress.parent()?.jobId.then((id) => console.log(`job ${id}`), console.error);
const { requestsFinished, requestsFailed, retryHistogram } = await run;
console.log(JSON.stringify({ requestsFinished, requestsFailed, retryHistogram }));

await progress.flush(30_000);
await reporter.close(5_000);
