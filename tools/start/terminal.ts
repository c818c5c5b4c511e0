import { colors } from '../colors.ts';

/** What is written to: the real one, or a string in tests. */
export interface TerminalStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface Terminal {
  readonly columns: number;
  readonly isTty: boolean;
  line(text?: string): void;
  /** One line about one thing that is being got ready: shown at once in a terminal, and with its end everywhere. */
  step<Result>(
    name: string,
    work: () => Promise<Result>,
    detail: (result: Result) => string,
  ): Promise<Result>;
  /** The last line, redrawn in a terminal; elsewhere a plain line, at most one a second. */
  live(text: string): void;
  /** Ends the live line: what it said last stays. */
  settle(): void;
}

const NAME_WIDTH = 12;
const PLAIN_LINE_EVERY_MS = 1_000;
const CLEAR_LINE = '\r\x1b[2K';

export function createTerminal(
  stream: TerminalStream,
  { now = () => performance.now() }: { now?: () => number } = {},
): Terminal {
  const isTty = stream.isTTY === true;
  let liveText = '';
  let unwritten = '';
  let lastPlainMs = Number.NEGATIVE_INFINITY;

  const line = (text = '') => {
    stream.write(isTty && liveText ? `${CLEAR_LINE}${text}\n${liveText}` : `${text}\n`);
  };
  const flush = () => {
    if (unwritten) stream.write(`${unwritten}\n`);
    unwritten = '';
  };
  return {
    get columns() {
      return stream.columns ?? 100;
    },
    isTty,
    line,
    async step(name, work, detail) {
      const startedMs = now();
      if (isTty) stream.write(`  ${colors.dim('·')} ${name}`);
      try {
        const result = await work();
        const seconds = colors.dim(`${((now() - startedMs) / 1000).toFixed(1)} s`);
        if (isTty) stream.write(CLEAR_LINE);
        stream.write(`  ${colors.green('✓')} ${name.padEnd(NAME_WIDTH)} ${detail(result)}  ${seconds}\n`);
        return result;
      } catch (error) {
        if (isTty) stream.write(CLEAR_LINE);
        stream.write(`  ${colors.red('✗')} ${name}\n`);
        throw error;
      }
    },
    live(text) {
      if (isTty) {
        if (text !== liveText) stream.write(`${CLEAR_LINE}${text}`);
        liveText = text;
        return;
      }
      if (text === liveText) return;
      liveText = text;
      unwritten = text;
      if (now() - lastPlainMs < PLAIN_LINE_EVERY_MS) return;
      lastPlainMs = now();
      flush();
    },
    settle() {
      if (isTty && liveText) stream.write('\n');
      flush();
      liveText = '';
    },
  };
}
