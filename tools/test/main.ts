/** The work of `npm test`: every step in turn, all of them also after a failure, and one closing line. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';
import { colors } from '../colors.ts';
import { closingLine, isGreen, type Outcome, sumOf } from './outcome.ts';
import { ownSteps, programSteps, type Step, testSteps } from './steps.ts';
import { SUITES } from './test-files.ts';

interface Done {
  name: string;
  /** Null for a part of the step above. */
  seconds: number | null;
  outcome: Outcome;
}

async function runAll(steps: readonly Step[], done: Done[]): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of steps) {
    console.log(colors.bold(`\n──── ${name}`));
    const startedMs = performance.now();
    const came = await run();
    const parts = Array.isArray(came) ? came : [];
    const outcome = Array.isArray(came) ? sumOf(parts.map((part) => part.outcome)) : came;
    outcomes.push(outcome);
    done.push({ name, seconds: (performance.now() - startedMs) / 1000, outcome });
    done.push(...parts.map((part) => ({ name: `  ${part.name}`, seconds: null, outcome: part.outcome })));
  }
  return sumOf(outcomes);
}

async function main(): Promise<number> {
  const root = workspaceRoot();
  const only = process.argv.slice(2).map((folder) => folder.replace(/\/+$/, ''));
  const unknown = only.filter((folder) => !existsSync(path.join(root, folder, 'package.json')));
  if (unknown.length > 0) {
    console.error(`no project in ${unknown.join(', ')}; name folders as in: npm test -- libs/core`);
    return 2;
  }

  const context = { root, only };
  const done: Done[] = [];
  const own = await runAll(ownSteps(context), done);
  const programs = await runAll(programSteps(), done);
  const canServe = programs.failed === 0;
  const tests = await runAll(testSteps(context, canServe ? SUITES : ['unit']), done);
  if (!canServe)
    console.error('\nThe integration and end-to-end tests need these programs; they were not run.');

  console.log('');
  for (const { name, seconds, outcome } of done) {
    const mark = outcome.failed + outcome.skipped === 0 ? colors.green('✓') : colors.red('✗');
    const took = seconds === null ? '' : `${seconds.toFixed(1)} s`;
    console.log(`${mark} ${name.padEnd(20)} ${took.padStart(8)}   ${closingLine(outcome)}`);
  }
  const total = sumOf([own, programs, tests]);
  console.log(`\n${closingLine(total)}`);
  return isGreen(total) ? 0 : 1;
}

void main().then((code) => process.exit(code));
