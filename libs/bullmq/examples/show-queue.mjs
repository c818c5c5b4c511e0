import { attachBullMQ } from '@progeny/bullmq';
import { createReporter } from '@progeny/reporter';
import { Queue, QueueEvents, Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT ?? 6379) };
const queue = new Queue('pages', { connection });
const queueEvents = new QueueEvents('pages', { connection });
const worker = new Worker('pages', async (job) => ({ length: job.data.url.length }), { connection });

const reporter = createReporter({ url: process.env.PROGENY_URL ?? 'http://127.0.0.1:4000' });
const bridge = attachBullMQ({ reporter, queue, worker, queueEvents });

const job = await queue.add('page', { url: 'https://site.example/' });
console.log(await job.waitUntilFinished(queueEvents));

await worker.close();
await bridge.close();
await reporter.close(10_000);
console.log(`${reporter.counters.lost} lost`);
await queueEvents.close();
await queue.close();
