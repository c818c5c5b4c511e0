import { allowOpenFiles, OpenFilesError } from './open-files.ts';

test('a process that may have enough is left alone', () => {
  expect(() => allowOpenFiles(process.pid, 10)).not.toThrow();
});

test('where the limit cannot be raised it is said what to do', () => {
  const error = new OpenFilesError(10_200, 1_024);
  expect(error.message).toContain('needs 10200 open files and may have 1024');
  expect(error.message).toContain('ulimit -Hn 10200');
});
