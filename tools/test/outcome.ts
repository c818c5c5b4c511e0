/** What one step of `npm test` came to. */
export interface Outcome {
  passed: number;
  failed: number;
  /** Never right: a skipped test hides something. */
  skipped: number;
}

export const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0 };

export const sumOf = (outcomes: readonly Outcome[]): Outcome =>
  outcomes.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    NOTHING,
  );

/** A check that is one thing: it holds or not. */
export const outcomeOfCheck = (holds: boolean): Outcome =>
  holds ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };

/** The part that is read of what `jest --json` writes of a file. */
export interface JestFile {
  name: string;
  status: string;
  assertionResults: readonly { status: string }[];
}

/** A file that could not be run at all counts as one failed test. */
export function outcomeOfJest(files: readonly JestFile[]): Outcome {
  return sumOf(
    files.map(({ status, assertionResults }) => {
      const count = (wanted: string) =>
        assertionResults.filter((assertion) => assertion.status === wanted).length;
      const [passed, failed] = [count('passed'), count('failed')];
      const isBroken = status === 'failed' && failed === 0;
      return {
        passed,
        failed: failed + (isBroken ? 1 : 0),
        skipped: assertionResults.length - passed - failed,
      };
    }),
  );
}

/** The last line of `npm test`, of a form that continuous integration can read. */
export function closingLine({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** A run that tested nothing has not passed. */
export const isGreen = ({ passed, failed, skipped }: Outcome): boolean =>
  passed > 0 && failed === 0 && skipped === 0;
