/** A Markdown table; a pipe inside a cell is escaped. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The value as code; nothing of undefined. */
export const code = (value: unknown): string => (value === undefined ? '' : `\`${String(value)}\``);
