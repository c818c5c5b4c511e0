import { z } from 'zod';

/**
 * One token of a NATS subject. A dot, `*`, `>` or a space inside an id would change who receives the message,
 * so such ids are refused at the border.
 */
export const subjectTokenSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"');

/** Ids of jobs are UUIDs of version 7: they sort by the time of creation, which cursors rely on. */
export const jobIdSchema = z.uuid();

/** RFC 3339 in UTC, as `Date.prototype.toISOString` writes it. */
export const timestampSchema = z.iso.datetime();
