import { installDebianPackage } from './apt-package.ts';

interface Machine {
  isRoot?: boolean;
  /** Commands that fail, by a part of them; the first so many times. */
  fails?: Record<string, number>;
  /** What the package brings. */
  brings?: string | null;
}

/** A machine without nats-server whose `apt-get install` brings it. */
function machine({ isRoot = true, fails = {}, brings = '/usr/sbin/nats-server' }: Machine = {}) {
  const commands: string[] = [];
  let installed = false;
  const left = new Map(Object.entries(fails));
  const run = (command: string, args: string[]) => {
    const line = [command, ...args].join(' ');
    commands.push(line);
    for (const [part, count] of left) {
      if (line.includes(part) && count > 0) {
        left.set(part, count - 1);
        return Promise.resolve({ ok: false, output: 'one\nE: no such package\n' });
      }
    }
    if (line.includes('install')) installed = true;
    return Promise.resolve({ ok: true, output: '' });
  };
  const find = () => Promise.resolve(installed ? brings : null);
  const log = { info: () => {} };
  return {
    commands,
    install: () => installDebianPackage({ name: 'nats-server', log, run, find, isRoot }),
  };
}

test('root installs without sudo, and without refreshing lists that work', async () => {
  const { commands, install } = machine();
  expect(await install()).toEqual({ path: '/usr/sbin/nats-server' });
  expect(commands.some((line) => line.includes('sudo') || line.includes('update'))).toBe(false);
});

test('a program that is there already is not installed again', async () => {
  const { commands, install } = machine();
  await install();
  const before = commands.length;
  expect(await install()).toEqual({ path: '/usr/sbin/nats-server' });
  expect(commands).toHaveLength(before);
});

test('missing package lists are fetched, then it is tried once more', async () => {
  const { commands, install } = machine({ fails: { 'apt-get install': 1 } });
  expect(await install()).toEqual({ path: '/usr/sbin/nats-server' });
  const verbs = commands.map((line) => /apt-get (\S+)/.exec(line)?.[1]);
  expect(verbs).toEqual(['--version', 'install', 'update', 'install']);
});

test('an ordinary user goes through a sudo that never asks', async () => {
  const { commands, install } = machine({ isRoot: false });
  expect(await install()).toEqual({ path: '/usr/sbin/nats-server' });
  expect(commands.at(-1)).toMatch(
    /^sudo -n env DEBIAN_FRONTEND=noninteractive .*apt-get install .*nats-server$/,
  );
});

test.each<[string, Machine, string]>([
  ['apt-get is missing', { fails: { 'apt-get --version': 1 } }, 'this machine has no apt-get'],
  [
    'sudo wants a password',
    { isRoot: false, fails: { 'sudo -n true': 1 } },
    'apt-get needs root, and sudo would ask for a password',
  ],
  [
    'the package is not to be had',
    { fails: { 'apt-get install': 2 } },
    'apt-get install failed: E: no such package',
  ],
  ['the package is an empty one', { brings: null }, 'the package nats-server brought no program'],
])('says why nothing was installed: %s', async (_case, options, reason) => {
  expect(await machine(options).install()).toEqual({ path: null, reason });
});
