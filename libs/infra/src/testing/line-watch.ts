export interface LogLine {
  level: number;
  msg: string;
  [field: string]: unknown;
}

/** What a service under test logs, to be waited for. */
export interface LineWatch {
  /** The sink of a log in JSON lines. */
  write(line: string): void;
  readonly lines: readonly LogLine[];
  /** Resolves when this message has been logged so often, with the last of them. */
  said(msg: string, times?: number): Promise<LogLine>;
}

export function createLineWatch(): LineWatch {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  return {
    lines,
    write(line) {
      lines.push(JSON.parse(line));
      for (const look of waiting) look();
    },
    said: (msg, times = 1) =>
      new Promise((resolve) => {
        const look = () => {
          const found = lines.filter((line) => line.msg === msg);
          const last = found[times - 1];
          if (!last) return;
          waiting.delete(look);
          resolve(last);
        };
        waiting.add(look);
        look();
      }),
  };
}
