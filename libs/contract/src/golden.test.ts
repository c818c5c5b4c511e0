/// <reference types="node" />
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { pagePayloadSchema, pageResultSchema } from './crawl.ts';
import {
  jobCancelledEventSchema,
  jobCommandEventSchema,
  jobCompletedEventSchema,
  jobFailedEventSchema,
  jobProgressEventSchema,
  jobStartedEventSchema,
  jobStatusChangeEventSchema,
  lifecycleEventSchema,
  parentJobProgressEventSchema,
  pipelineEventSchema,
} from './events.ts';
import {
  addChildrenResponseSchema,
  addChildrenSchema,
  bulkReportAnswerSchema,
  bulkStatusReportSchema,
  childListSchema,
  childProgressSchema,
  childViewSchema,
  createCrawlSchema,
  createCustomSchema,
  createJobSchema,
  jobListSchema,
  jobLogSchema,
  jobViewSchema,
  pageConfigSchema,
  parentViewSchema,
  pipelineEventListSchema,
  progressReportSchema,
  statusReportSchema,
} from './http.ts';
import { ticketSchema } from './identity.ts';
import { pipelineStepSchema } from './pipeline.ts';
import { problemSchema } from './problem.ts';
import { clientMessageSchema, controlMessageSchema } from './realtime.ts';
import { TOPICS, topicSchemas } from './topics.ts';
import { WORKER_ENDPOINTS } from './worker-rpc.ts';

const GOLDEN = join(__dirname, '..', 'golden');
/** Set it to rewrite the pinned shapes, after a change that is meant: `nx run contract:golden`. */
const UPDATES = process.env.UPDATE_GOLDEN === '1';

const { claim, report, heartbeat, progress, command, explain } = WORKER_ENDPOINTS;

/** Every message on a wire, by the path of its golden file. */
const MESSAGES: Record<string, z.ZodType> = {
  'event/job_status_change': jobStatusChangeEventSchema,
  'event/parent_job_progress': parentJobProgressEventSchema,
  'event/JOB_STARTED': jobStartedEventSchema,
  'event/JOB_PROGRESS': jobProgressEventSchema,
  'event/JOB_COMPLETED': jobCompletedEventSchema,
  'event/JOB_FAILED': jobFailedEventSchema,
  'event/JOB_CANCELLED': jobCancelledEventSchema,
  'event/pipeline_event': pipelineEventSchema,
  'event/job_command': jobCommandEventSchema,
  'http/create-crawl': createCrawlSchema,
  'http/create-custom': createCustomSchema,
  'http/add-children': addChildrenSchema,
  'http/add-children-response': addChildrenResponseSchema,
  'http/status-report': statusReportSchema,
  'http/bulk-status-report': bulkStatusReportSchema,
  'http/bulk-report-answer': bulkReportAnswerSchema,
  'http/progress-report': progressReportSchema,
  'http/pipeline-event-list': pipelineEventListSchema,
  'http/job-log': jobLogSchema,
  'http/parent-view': parentViewSchema,
  'http/child-view': childViewSchema,
  'http/child-progress': childProgressSchema,
  'http/job-list': jobListSchema,
  'http/child-list': childListSchema,
  'http/page-config': pageConfigSchema,
  'http/problem': problemSchema,
  'http/ticket': ticketSchema,
  'crawl/page-payload': pagePayloadSchema,
  'crawl/page-result': pageResultSchema,
  'worker/claim-request': claim.request,
  'worker/claim-reply': claim.reply,
  'worker/report-request': report.request,
  'worker/report-reply': report.reply,
  'worker/heartbeat-request': heartbeat.request,
  'worker/heartbeat-reply': heartbeat.reply,
  'worker/progress-request': progress.request,
  'worker/progress-reply': progress.reply,
  'worker/command-request': command.request,
  'worker/command-reply': command.reply,
  'worker/explain-request': explain.request,
  'worker/explain-reply': explain.reply,
  'realtime/client-auth': clientMessageSchema,
  'realtime/client-subscribe': clientMessageSchema,
  'realtime/client-narrow': clientMessageSchema,
  'realtime/client-unsubscribe': clientMessageSchema,
  'realtime/client-ping': clientMessageSchema,
  'realtime/server-welcome': controlMessageSchema,
  'realtime/server-authenticated': controlMessageSchema,
  'realtime/server-subscribed': controlMessageSchema,
  'realtime/server-unsubscribed': controlMessageSchema,
  'realtime/server-pong': controlMessageSchema,
  'realtime/server-refused': controlMessageSchema,
  'realtime/server-reconnect': controlMessageSchema,
};

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(GOLDEN, `${name}.json`), 'utf8'));

describe.each(Object.entries(MESSAGES))('%s', (name, schema) => {
  test('comes back from its schema unchanged', () => {
    const message = readJson(name);
    expect(schema.parse(message)).toEqual(message);
  });

  test('has the shape that was agreed on', () => {
    // What may be sent and what is received differ where there are defaults, so both are pinned.
    const shape = {
      sent: z.toJSONSchema(schema, { io: 'input', override: withoutWords }),
      received: z.toJSONSchema(schema, { io: 'output', override: withoutWords }),
    };
    if (UPDATES) writeShape(`shape/${name}`, shape);
    expect(readJson(`shape/${name}`)).toEqual(JSON.parse(JSON.stringify(shape)));
  });
});

/** A description may be reworded: it is no part of the shape. */
function withoutWords({ jsonSchema }: { jsonSchema: { description?: string } }): void {
  delete jsonSchema.description;
}

function writeShape(name: string, shape: unknown): void {
  const file = join(GOLDEN, `${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(shape, null, 2)}\n`);
}

test('every golden file belongs to a message', () => {
  const files = readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replaceAll('\\', '/').replace(/\.json$/, ''));
  const names = Object.keys(MESSAGES);
  expect(files.sort()).toEqual([...names, ...names.map((name) => `shape/${name}`)].sort());
});

test('every member of a union has a golden file', () => {
  const typesIn = (folder: string) =>
    Object.keys(MESSAGES)
      .filter((name) => name.startsWith(folder))
      .map((name) => (readJson(name) as { type: string }).type);
  const typesOf = (union: { options: readonly { shape: { type: { value: string } } }[] }) =>
    union.options.map(({ shape }) => shape.type.value);
  expect(typesIn('event/').sort()).toEqual(
    [
      ...TOPICS.filter((topic) => topic !== 'job_lifecycle'),
      'JOB_PROGRESS',
      ...typesOf(lifecycleEventSchema),
    ].sort(),
  );
  expect(typesIn('realtime/client')).toEqual(typesOf(clientMessageSchema));
  expect(typesIn('realtime/server')).toEqual(typesOf(controlMessageSchema));
  expect(typesIn('http/create')).toEqual(typesOf(createJobSchema));
});

test('every endpoint for workers has a golden file for what is asked and what is answered', () => {
  const names = Object.keys(WORKER_ENDPOINTS).flatMap((endpoint) => [
    `${endpoint}-request`,
    `${endpoint}-reply`,
  ]);
  const pinned = Object.keys(MESSAGES).filter((name) => name.startsWith('worker/'));
  expect(pinned.sort()).toEqual(names.map((name) => `worker/${name}`).sort());
});

test('every step of a pipeline is pinned', () => {
  const { events } = readJson('http/progress-report') as { events: { event: string }[] };
  expect(events.map(({ event }) => event)).toEqual(
    pipelineStepSchema.options.map(({ shape }) => shape.event.value),
  );
});

test('a message is of one kind: its union gives it back unchanged as well', () => {
  for (const name of ['http/parent-view', 'http/child-view']) {
    expect(jobViewSchema.parse(readJson(name))).toEqual(readJson(name));
  }
  const events = Object.keys(MESSAGES).filter((name) => name.startsWith('event/'));
  for (const name of events) {
    const taken = Object.values(topicSchemas).filter((schema) => schema.safeParse(readJson(name)).success);
    expect(taken).toHaveLength(1);
  }
});
