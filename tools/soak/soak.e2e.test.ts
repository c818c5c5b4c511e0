import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { workspaceRoot } from '@progeny/infra';

const run = promisify(execFile);
jest.setTimeout(240_000);

const soak = (...args: string[]) =>
  run(process.execPath, ['--import', 'tsx', 'tools/soak/main.ts', ...args], { cwd: workspaceRoot() });

test('after some waves of visitors, many of them rude, the gateway holds what it held before', async () => {
  const { stdout } = await soak('--minutes', '0.05', '--visitors', '60', '--seed', '4');
  const [seed, ...lines] = stdout.trim().split('\n');
  expect(seed).toBe('seed 4');
  expect(lines.at(-1)).toMatch(/^all is back, /);

  const rests = lines.slice(0, -1).map((line) => / after (\d+) visits, (\d+) frames$/.exec(line)?.slice(1));
  expect(rests.length).toBeGreaterThan(1);
  const [visits, frames] = (rests.at(-1) ?? []).map(Number);
  expect(visits).toBeGreaterThan(60);
  expect(frames).toBeGreaterThan(visits ?? 0);
});

test('a length that is none is refused', async () => {
  await expect(soak('--minutes', 'some')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Usage: npm run soak'),
  });
});
