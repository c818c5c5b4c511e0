import type { z } from 'zod';

export type PlainCheck = (value: unknown) => boolean;
type Def = z.core.$ZodTypes['_zod']['def'];

/**
 * A check at a fraction of the cost of `safeParse`. True only of what the schema takes and answers as it is: nothing is
 * to be filled in, changed or left out. False says no more than that `safeParse` has to be asked.
 */
export function createPlainCheck(schema: z.core.$ZodType): PlainCheck {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const isOfType = typeCheck(def);
  const checks = (def.checks ?? []).map(({ _zod }) =>
    extraCheck(_zod.def as z.core.$ZodChecks['_zod']['def']),
  );
  if (checks.length === 0) return isOfType;
  return (value) => isOfType(value) && checks.every((check) => check(value));
}

const unknowable: PlainCheck = () => false;

function typeCheck(def: Def): PlainCheck {
  switch (def.type) {
    case 'object':
      return def.catchall ? unknowable : objectCheck(def.shape);
    case 'record':
      return isAnyString(def.keyType) ? recordCheck(createPlainCheck(def.valueType)) : unknowable;
    case 'union':
      return unionCheck(def);
    case 'nullable': {
      const inner = createPlainCheck(def.innerType);
      return (value) => value === null || inner(value);
    }
    case 'optional': {
      const inner = createPlainCheck(def.innerType);
      return (value) => value === undefined || inner(value);
    }
    case 'default': // what is not there is filled in
      return createPlainCheck(def.innerType);
    case 'literal':
      return oneOf(def.values);
    case 'enum':
      return oneOf(Object.values(def.entries));
    case 'string':
      return stringCheck(def);
    case 'number':
      return numberCheck(def);
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'unknown':
      return () => true;
    default:
      return unknowable;
  }
}

const isAnyString = ({ _zod }: z.core.$ZodType): boolean =>
  _zod.def.type === 'string' && !('check' in _zod.def) && (_zod.def.checks ?? []).length === 0;

/** Neither a list nor of a class: as a literal or JSON gives it. */
const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function objectCheck(shape: z.core.$ZodShape): PlainCheck {
  const keys = Object.keys(shape);
  const checks = Object.values(shape).map(createPlainCheck);
  return (value) => {
    if (!isPlainObject(value)) return false;
    let known = 0;
    for (let index = 0; index < keys.length; index += 1) {
      const part = value[keys[index] as string];
      if (!(checks[index] as PlainCheck)(part)) return false;
      if (part !== undefined) known += 1;
    }
    // Any other key would have to be left out; one without a value is none.
    const given = Object.keys(value);
    return given.length === known || given.filter((key) => value[key] !== undefined).length === known;
  };
}

function recordCheck(check: PlainCheck): PlainCheck {
  return (value) =>
    isPlainObject(value) &&
    // Left out by Zod.
    !Object.hasOwn(value, '__proto__') &&
    Object.values(value).every(check);
}

function unionCheck({
  options,
  discriminator,
}: z.core.$ZodUnionDef & { discriminator?: string }): PlainCheck {
  if (discriminator === undefined) return unknowable;
  const byName = new Map<unknown, PlainCheck>();
  for (const option of options) {
    const { def } = (option as z.core.$ZodTypes)._zod;
    const name = def.type === 'object' ? (def.shape[discriminator] as z.core.$ZodTypes)._zod.def : null;
    if (name?.type !== 'literal') return unknowable;
    for (const value of name.values) byName.set(value, createPlainCheck(option));
  }
  return (value) => isPlainObject(value) && (byName.get(value[discriminator]) ?? unknowable)(value);
}

function oneOf(values: readonly unknown[]): PlainCheck {
  const known = new Set(values);
  return (value) => known.has(value);
}

function stringCheck(def: z.core.$ZodStringDef & { pattern?: RegExp }): PlainCheck {
  if ('check' in def && def.check !== 'string_format') return unknowable;
  const fits = 'check' in def ? patternCheck(def.pattern) : null;
  return (value) => typeof value === 'string' && (fits === null || fits(value));
}

const patternChecks = new Map<string, PlainCheck>();

/** One for all that have the same pattern, so that they share what it remembers. */
function patternCheck(pattern: RegExp | undefined): PlainCheck {
  if (!pattern || pattern.global || pattern.sticky) return unknowable;
  const known = patternChecks.get(String(pattern)) ?? createPatternCheck(pattern);
  patternChecks.set(String(pattern), known);
  return known;
}

/** Does not look again at what has just been right: events in a row are of the same moment, job or parent. */
function createPatternCheck(pattern: RegExp): PlainCheck {
  let [last, before, earlier]: unknown[] = [];
  return (value) => {
    if (value === last || value === before || value === earlier) return true;
    if (typeof value !== 'string' || !pattern.test(value)) return false;
    earlier = before;
    before = last;
    last = value;
    return true;
  };
}

function numberCheck(def: z.core.$ZodNumberDef & { format?: string }): PlainCheck {
  if (!('check' in def)) return Number.isFinite;
  return def.format === 'safeint' ? Number.isSafeInteger : unknowable;
}

function extraCheck(def: z.core.$ZodChecks['_zod']['def'] | z.core.$ZodCustomDef): PlainCheck {
  switch (def.check) {
    case 'custom': // of `refine`
      return def.fn ? (value) => def.fn?.(value) === true : unknowable;
    case 'string_format':
      return patternCheck('pattern' in def ? def.pattern : undefined);
    case 'max_length':
      return (value) => (value as string).length <= def.maximum;
    case 'greater_than':
      return (value) =>
        def.inclusive ? Number(value) >= Number(def.value) : Number(value) > Number(def.value);
    case 'less_than':
      return (value) =>
        def.inclusive ? Number(value) <= Number(def.value) : Number(value) < Number(def.value);
    case 'overwrite':
      return (value) => def.tx(value) === value;
    default:
      return unknowable;
  }
}
