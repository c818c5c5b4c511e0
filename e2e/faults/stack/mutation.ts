import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'esbuild';

/** One line of the product made wrong. */
export interface Mutation {
  /** From the workspace's folder. */
  file: string;
  find: string;
  replace: string;
}

/** The source with the mutation in it. Throws unless `find` occurs exactly once: the product has moved on. */
export function mutate(source: string, { file, find, replace }: Mutation): string {
  const occurs = source.split(find).length - 1;
  if (occurs !== 1) throw new Error(`${file} has ${occurs} times, and not once: ${find}`);
  return source.replace(find, () => replace);
}

/** Puts a mutation into a bundle. The build fails when it never gets there. */
export const mutating = (mutation: Mutation, root: string): Plugin => ({
  name: 'mutation',
  setup(build) {
    const target = path.join(root, mutation.file);
    let isDone = false;
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      if (file !== target) return null;
      const contents = mutate(readFileSync(file, 'utf8'), mutation);
      isDone = true;
      return { contents, loader: 'ts' as const };
    });
    build.onEnd(() => (isDone ? null : { errors: [{ text: `${mutation.file} is not in this bundle` }] }));
  },
});
