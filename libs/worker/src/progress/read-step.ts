import { type PipelineStep, pipelineStepSchema } from '@progeny/contract';
import { jsonCopy } from '../pool/json-copy.ts';

/** What a step without its detail takes at most as JSON. */
const STEP_BYTES = 150;

/**
 * A copy of the step and its bytes, or null for what is none. Checked here, so that one odd step spoils no batch.
 * Never throws.
 */
export function readStep(step: unknown): { step: PipelineStep; bytes: number } | null {
  try {
    const { data } = pipelineStepSchema.safeParse(step);
    if (!data) return null;
    if (!data.detail) return { step: data, bytes: STEP_BYTES };
    const detail = jsonCopy(data.detail);
    return detail && { step: { ...data, detail: detail.value }, bytes: STEP_BYTES + detail.bytes };
  } catch {
    return null;
  }
}
