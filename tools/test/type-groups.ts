import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What of a project's tsconfig.json is read. */
interface TypeConfig {
  compilerOptions: Record<string, unknown>;
  include: string[];
  exclude: string[];
}

/**
 * Writes a tsconfig for all projects that have the same compiler options, and answers where: what these share is then
 * read and checked once, not once for each of them. The largest comes first.
 */
export function writeTypeGroups(root: string, folders: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const folder of folders) {
    const { compilerOptions } = readConfig(root, folder);
    const key = JSON.stringify(Object.entries(compilerOptions).map(sorted).sort());
    groups.set(key, [...(groups.get(key) ?? []), folder]);
  }
  return [...groups.values()]
    .sort((one, other) => other.length - one.length)
    .map((group, index) => writeGroup(root, group, `dist/types/${index}/tsconfig.json`));
}

const readConfig = (root: string, folder: string): TypeConfig =>
  JSON.parse(readFileSync(path.join(root, folder, 'tsconfig.json'), 'utf8'));

const sorted = ([name, value]: [string, unknown]) => [name, Array.isArray(value) ? [...value].sort() : value];

function writeGroup(root: string, folders: readonly string[], file: string): string {
  const up = path.posix.relative(path.posix.dirname(file), '.');
  const configs = folders.map((folder) => ({ folder, ...readConfig(root, folder) }));
  const of = (kind: 'include' | 'exclude') =>
    configs.flatMap((config) => config[kind].map((glob) => path.posix.join(up, config.folder, glob)));
  mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
  const config = {
    extends: path.posix.join(up, 'tsconfig.base.json'),
    compilerOptions: configs[0]?.compilerOptions,
    include: of('include'),
    exclude: [...of('exclude'), path.posix.join(up, '**/node_modules')],
  };
  writeFileSync(path.join(root, file), JSON.stringify(config, null, 2));
  return file;
}
