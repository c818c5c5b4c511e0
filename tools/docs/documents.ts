import { readdirSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';

/** Every Markdown file of the project. */
export function documents(): string[] {
  const root = workspaceRoot();
  return [root, path.join(root, 'docs')].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join(folder, name)),
  );
}
