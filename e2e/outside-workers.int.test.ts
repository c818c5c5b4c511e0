import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createMemoryEventBus, createMemoryHub } from '@progeny/event-bus';
import { workspaceRoot } from '@progeny/infra';
import { createMemoryHarness } from '@progeny/job-store/contract-suite';
import { createLog, createMetrics, readConfig } from '@progeny/kit';
import { createManager, managerConfigSchema } from '@progeny/manager';
import { createParentExecutor, executorConfigSchema } from '@progeny/parent-executor';

const run = promisify(execFile);
const document = readFileSync(path.join(workspaceRoot(), 'docs/OUTSIDE_WORKERS.md'), 'utf8');

interface Step {
  shell: string;
  /** What the document says that it prints. */
  printed: string;
}

/** Each block of shell, with the block of text that follows it before the next one. */
function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  for (const [, kind, body = ''] of markdown.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)) {
    const last = steps.at(-1);
    if (kind === 'sh') steps.push({ shell: body, printed: '' });
    else if (last) last.printed = body;
  }
  return steps;
}

/** `…` stands for something that is another each time. */
const patternOf = (printed: string) =>
  new RegExp(`^${printed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '[^"\n]+?')}$`);

const NEXT = '--- next block ---';
const folder = mkdtempSync(path.join(tmpdir(), 'outside-workers-'));
const stops: (() => Promise<void>)[] = [];
let url: string;

beforeAll(async () => {
  const { store } = await createMemoryHarness();
  const hub = createMemoryHub();
  const parts = (service: string) => ({
    store,
    bus: createMemoryEventBus({ hub }),
    log: createLog({ service, level: 'silent' }),
    metrics: createMetrics({ service }),
  });
  const manager = createManager({
    config: readConfig(managerConfigSchema, { MANAGER_PORT: '0' }),
    ...parts('manager'),
  });
  const executor = createParentExecutor({
    config: readConfig(executorConfigSchema, { EXECUTOR_PORT: '0' }),
    ...parts('parent-executor'),
  });
  stops.push(
    () => manager.stop(),
    () => executor.stop(),
  );
  await manager.start();
  await executor.start();
  url = `http://127.0.0.1:${manager.port()}`;
});
afterAll(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true });
});

test('the walk through docs/OUTSIDE_WORKERS.md prints what the document says', async () => {
  const steps = stepsOf(document);
  expect(steps.length).toBeGreaterThan(10);
  const script = steps.map(({ shell }) => shell).join(`\necho '${NEXT}'\n`);
  // --norc: with a socket for its input bash may take itself for a remote shell, and read what is meant for people.
  const { stdout, stderr } = await run('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env: { ...process.env, PROGENY: url },
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  const printed = stdout.split(`${NEXT}\n`);
  expect(printed).toHaveLength(steps.length);
  for (const [at, step] of steps.entries()) {
    expect({ shell: step.shell, printed: printed[at] }).toEqual({
      shell: step.shell,
      printed: expect.stringMatching(patternOf(step.printed)),
    });
  }
}, 90_000);
