import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { installPacked, type Consumer as PackedConsumer } from '@progeny/infra';

const PROJECT = path.resolve(__dirname, '../..');
const packageFolder = (name: string): string =>
  path.dirname(createRequire(path.join(PROJECT, 'package.json')).resolve(`${name}/package.json`));

/** Somebody else's project, that has the packages installed as from a registry. */
export interface Consumer extends PackedConsumer {
  /** Puts another copy of a package in, under this name. */
  install(name: string, from: string): void;
}

export async function createConsumer(): Promise<Consumer> {
  const consumer = await installPacked(['client', 'react']);
  const install = (name: string, from: string): void => {
    const target = path.join(consumer.folder, 'node_modules', name);
    rmSync(target, { recursive: true, force: true });
    cpSync(packageFolder(from), target, { recursive: true });
  };
  for (const name of ['@types/react', 'csstype']) install(name, name);
  return { ...consumer, install };
}
