import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Consumer, installPacked } from '@progeny/infra';

const PROJECT = path.resolve(__dirname, '../..');
/** What the package depends on, and what its users compile with. */
const LINKED = ['nats', 'zod', '@types/node', 'undici-types'];

/** An empty project that has the package installed as from a registry. */
export interface PackedWorker extends Consumer {
  read(file: string): string;
}

export async function packWorker(): Promise<PackedWorker> {
  const consumer = await installPacked(['worker'], { linked: LINKED });
  const installed = path.join(consumer.folder, 'node_modules/@progeny/worker');
  return { ...consumer, read: (file) => readFileSync(path.join(installed, file), 'utf8') };
}

/** The first example of the README. */
export function readmeExample(): string {
  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(path.join(PROJECT, 'README.md'), 'utf8'))?.[1];
  if (!example) throw new Error('the README has no example');
  return example;
}
