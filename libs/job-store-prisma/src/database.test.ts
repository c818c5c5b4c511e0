import { StoreError } from '@progeny/job-store';
import { toStoreError } from './database.ts';

test.each([
  ['a connection that broke a moment ago', 'Client has encountered a connection error and is not queryable'],
  [
    'a server that ends, as Prisma tells of it',
    '\nInvalid `prisma.parentProgress.findMany()` invocation:\n\n\nDatabase error. Code: `57P01`. Message: `terminating`',
  ],
])('%s means that the database is away', (_, message) => {
  const error = toStoreError(new Error(message));
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ code: 'unavailable' });
});

test('what Prisma tells of a statement stays what it is', () => {
  const error = new Error('Database error. Code: `42703`. Message: `column "x" does not exist`');
  expect(toStoreError(error)).toBe(error);
});
