import path from 'node:path';
import { type Consumer, installPacked } from '@progeny/infra';

export const PROJECT = path.resolve(__dirname, '..');

/** An empty project that has the package installed as from a registry, and `ws`. */
export const packPackage = (): Promise<Consumer> => installPacked(['client'], { linked: ['ws'] });
