/** The object as it travels, and its bytes; null for what is no JSON object. Later changes of the object don't matter. */
export function jsonCopy(value: unknown): { value: Record<string, unknown>; bytes: number } | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  try {
    const text = JSON.stringify(value);
    const copy: unknown = JSON.parse(text);
    if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) return null;
    return { value: copy as Record<string, unknown>, bytes: Buffer.byteLength(text) };
  } catch {
    return null;
  }
}
