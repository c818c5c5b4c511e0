/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import type { ProgenyEvent } from './events.ts';
import { createPlainCheck } from './plain-check.ts';
import { plainChecks, topicOf, topicSchemas } from './topics.ts';

const GOLDEN = join(__dirname, '..', 'golden', 'event');
const EVENTS = readdirSync(GOLDEN).map(
  (name) => JSON.parse(readFileSync(join(GOLDEN, name), 'utf8')) as ProgenyEvent,
);

test.each(EVENTS.map((event) => [event.type, event]))('a usual %s needs nothing more', (_type, event) => {
  expect(plainChecks[topicOf(event)](event)).toBe(true);
});

class Odd {
  readonly type = 'JOB_STARTED';
}

const parts = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    0,
    1.5,
    2 ** 60,
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    '',
    'completed',
    'a.b',
    '\0',
    '\ud800',
    '2030-01-02T03:04:05.678Z',
    new Odd(),
    new Date(0),
  ),
  fc.constantFrom<unknown>(Object.create({ inherited: 1 }), JSON.parse('{"__proto__":{"x":1}}')),
  fc.uuid(),
  fc.string(),
  fc.anything(),
);

/** Every place in a value where something can be put, and one more in each of its objects. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, part]) => placesOf(part, [...path, key]));
  return [path, [...path, 'unknown_key'], [...path, '__proto__'], ...inner];
}

function withPart(value: unknown, [key, ...path]: readonly string[], part: unknown): unknown {
  if (key === undefined) return part;
  const entries = Object.entries(value as object).filter(([name]) => name !== key);
  const inner = Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : undefined;
  const copy = Object.fromEntries([...entries, [key, withPart(inner, path, part)]]);
  if (part === undefined && path.length === 0) delete copy[key];
  return copy;
}

/** All there is to see in it, in no order. */
const keysOf = (value: unknown): string[] =>
  placesOf(value)
    .map((path) => path.join('.'))
    .sort();

test('what it lets pass the schema takes, and answers as it is', () => {
  const passed = { plain: 0, refused: 0 };
  const change = fc
    .constantFrom(...EVENTS)
    .chain((event) =>
      fc.tuple(
        fc.constant(event),
        fc.array(fc.tuple(fc.constantFrom(...placesOf(event)), parts), { maxLength: 2 }),
      ),
    );
  fc.assert(
    fc.property(change, ([event, changes]) => {
      const value = changes.reduce<unknown>((made, [path, part]) => {
        try {
          return withPart(made, path, part);
        } catch {
          return made; // the place went with an earlier change
        }
      }, event);
      const topic = topicOf(event);
      if (!plainChecks[topic](value)) {
        passed.refused += 1;
        return;
      }
      passed.plain += 1;
      const parsed = topicSchemas[topic].safeParse(value);
      expect(parsed.success).toBe(true);
      expect(parsed.data).toEqual(value);
      expect(keysOf(parsed.data)).toEqual(keysOf(value));
    }),
    { numRuns: 3_000 },
  );
  // Both were really tried.
  expect(passed.plain).toBeGreaterThan(300);
  expect(passed.refused).toBeGreaterThan(300);
});

test.each([
  ['an unknown key', z.object({ a: z.int() }), { a: 1, b: 2 }],
  ['a default that is to be filled in', z.object({ a: z.string().default('') }), {}],
  ['text that is changed', z.string().overwrite((text) => text.trim()), ' a'],
  ['what is of a class', z.record(z.string(), z.unknown()), new Date()],
  ['a key that Zod leaves out', z.record(z.string(), z.unknown()), JSON.parse('{"__proto__":1}')],
  ['an object that takes more keys', z.looseObject({ a: z.int() }), { a: 1 }],
  ['a check that it does not know', z.array(z.int()), [1]],
  ['keys that are checked', z.record(z.uuid(), z.unknown()), {}],
])('%s is left to the schema', (_what, schema, value) => {
  expect(createPlainCheck(schema)(value)).toBe(false);
});

test('what was right the last time does not make the next one right', () => {
  const isUuid = createPlainCheck(z.uuid());
  const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';
  expect([uuid, uuid, `${uuid}0`, '', uuid.toUpperCase(), uuid].map(isUuid)).toEqual([
    ...[true, true, false, false, true, true],
  ]);
});
