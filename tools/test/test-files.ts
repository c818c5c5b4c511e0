import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Where projects are. */
export const PROJECT_FOLDERS = ['apps', 'libs', 'tools', 'e2e'];

export const SUITES = ['unit', 'int', 'e2e'] as const;
export type Suite = (typeof SUITES)[number];

const ENDINGS: Record<Suite, RegExp> = {
  unit: /(?<!\.int)(?<!\.e2e)\.test\.tsx?$/,
  int: /\.int\.test\.ts$/,
  e2e: /\.e2e\.test\.ts$/,
};
const NOT_SOURCES = new Set(['node_modules', 'dist', 'generated']);

/** The files of a suite below these folders, from the workspace's folder. */
export function testFiles(root: string, folders: readonly string[], suite: Suite): string[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return NOT_SOURCES.has(entry.name) ? [] : testFiles(root, [name], suite);
      return ENDINGS[suite].test(entry.name) ? [name] : [];
    }),
  );
}
