/** The work of `npm test`: every step in turn, all of them also after a failure, and one closing line. */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';
import { colors } from '../colors.ts';
import { closingLine, isGreen, NOTHING, type Outcome, sumOf } from './outcome.ts';
import { ownSteps, programSteps, type Step, serverSteps } from './steps.ts';

interface Done {
  name: string;
  seconds: number;
  outcome: Outcome;
}

async function runAll(steps: readonly Step[], done: Done[]): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of steps) {
    console.log(colors.bold(`\n──── ${name}`));
    const startedMs = performance.now();
    const outcome = await run();
    outcomes.push(outcome);
    done.push({ name, seconds: (performance.now() - startedMs) / 1000, outcome });
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
  rmSync(path.join(root, 'dist/test-results'), { recursive: true, force: true });

  const context = { root, only };
  const done: Done[] = [];
  await runAll(ownSteps(context), done);
  const programs = await runAll(programSteps(), done);
  if (programs.failed === 0) await runAll(serverSteps(context), done);
  else console.error('\nThe integration and end-to-end tests need these programs; they were not run.');

  console.log('');
  for (const { name, seconds, outcome } of done) {
    const mark = outcome.failed + outcome.skipped === 0 ? colors.green('✓') : colors.red('✗');
    console.log(
      `${mark} ${name.padEnd(20)} ${`${seconds.toFixed(1)} s`.padStart(8)}   ${closingLine(outcome)}`,
    );
  }
  const total = done.reduce((sum, { outcome }) => sumOf([sum, outcome]), NOTHING);
  console.log(`\n${closingLine(total)}`);
  return isGreen(total) ? 0 : 1;
}

void main().then((code) => process.exit(code));
