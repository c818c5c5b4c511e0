/** What is called in the place of a method; it calls `original` itself, with the arguments that it wants. */
export type Around<Method extends (...args: never[]) => unknown> = (original: Method) => Method;

/** Puts a function around a method of this one object; its class and all other objects stay as they are. */
export function around<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  wrap: Target[Name] extends (...args: never[]) => unknown ? Around<Target[Name]> : never,
): void {
  const original = target[name] as (...args: never[]) => unknown;
  const bound = ((...args: never[]) => original.apply(target, args)) as Target[Name] &
    ((...args: never[]) => unknown);
  Object.defineProperty(target, name, {
    value: wrap(bound),
    configurable: true,
    writable: true,
    enumerable: Object.prototype.propertyIsEnumerable.call(target, name),
  });
}
