import type { createCustomSchema, ParentView } from '@progeny/contract';
import type { z } from 'zod';

/** The few calls of the manager's API that a benchmark needs. Reject with the problem's text. */
export function createApi(apiUrl: string) {
  const post = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${apiUrl}${path}`, {
      method: 'POST',
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    post,
    createJob: async (job: z.input<typeof createCustomSchema>) => (await post('/v1/jobs', job)) as ParentView,
    addChildren: (jobId: string, children: { key: string; payload: object }[]) =>
      post(`/v1/jobs/${jobId}/children`, { children }),
    seal: (jobId: string) => post(`/v1/jobs/${jobId}/seal`),
  };
}
