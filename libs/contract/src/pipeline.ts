import { z } from 'zod';
import { storableJson } from './storable.ts';

const DETAIL_MAX_BYTES = 4_096;

const detail = {
  detail: z
    .record(z.string(), z.unknown())
    .refine((value) => new TextEncoder().encode(JSON.stringify(value)).length <= DETAIL_MAX_BYTES, {
      message: `must not be larger than ${DETAIL_MAX_BYTES} bytes as JSON`,
    })
    .overwrite(storableJson)
    .optional()
    .describe('Whatever else is worth knowing'),
};
const duration_ms = z.int().min(0).describe('Milliseconds');
const page_index = z.int().min(0).describe('Of the page within the job, from 0');

/** What a job says of the steps of its work; a worker may leave any of them out. */
export const pipelineStepSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('pipeline_started'), ...detail }),
  z.object({ event: z.literal('page_started'), page_index, ...detail }),
  z.object({ event: z.literal('page_done'), page_index, duration_ms, success: z.boolean(), ...detail }),
  z.object({ event: z.literal('extract_done'), duration_ms: duration_ms.optional(), ...detail }),
  z.object({ event: z.literal('assembly_done'), duration_ms: duration_ms.optional(), ...detail }),
  z.object({
    event: z.literal('pipeline_done'),
    duration_ms: duration_ms.optional(),
    success: z.boolean(),
    ...detail,
  }),
]);
export type PipelineStep = z.infer<typeof pipelineStepSchema>;
