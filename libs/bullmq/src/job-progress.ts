import type { ProgressReport } from '@progeny/reporter';

/** A number is a percentage, an object may say `percent` (or `progress`), `stage`, `label` and `events`, a text is the stage. */
export function progressOf(said: unknown): ProgressReport {
  if (typeof said === 'number') return { progress: said };
  if (typeof said === 'string') return { stage: said };
  if (typeof said !== 'object' || said === null) return {};
  const { percent, progress = percent, stage, label, events } = said as Record<string, unknown>;
  return {
    ...(typeof progress === 'number' && { progress }),
    ...(typeof stage === 'string' && { stage }),
    ...(typeof label === 'string' && { label }),
    ...(Array.isArray(events) && { events }),
  };
}
