import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of the workspace: the nearest one upward that holds nx.json. */
export function workspaceRoot(from = process.cwd()): string {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'nx.json'))) return folder;
    if (folder === path.dirname(folder)) throw new Error(`no nx.json in ${from} or above it`);
  }
}
