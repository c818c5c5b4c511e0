import type { ParentJobProgress } from '@progeny/client';

/** A job as a list needs it: what stays while its numbers run. */
export type JobSummary = Pick<ParentJobProgress, 'job_id' | 'status'>;

/**
 * Turns the snapshots of jobs that are nested in no other into a list, newest first (job ids sort by their birth). An unchanged row keeps its identity,
 * and so does the list while no job came, went or changed its status.
 */
export function createJobList(): (jobs: ReadonlyMap<string, ParentJobProgress>) => readonly JobSummary[] {
  let rows: ReadonlyMap<string, JobSummary> = new Map();
  let list: readonly JobSummary[] = [];
  let listed: ReadonlyMap<string, ParentJobProgress> | undefined;

  const rowOf = ({ job_id, status }: ParentJobProgress): JobSummary => {
    const known = rows.get(job_id);
    return known?.status === status ? known : { job_id, status };
  };
  const isListed = (jobs: readonly ParentJobProgress[]): boolean =>
    jobs.length === rows.size && jobs.every((job) => rowOf(job) === rows.get(job.job_id));

  return (jobs) => {
    if (jobs === listed) return list;
    listed = jobs;
    // What is nested is shown with the one that it is nested in.
    const outermost = [...jobs.values()].filter(({ parent_id }) => parent_id === null);
    if (isListed(outermost)) return list;
    rows = new Map(outermost.map((job) => [job.job_id, rowOf(job)]));
    list = [...rows.values()].sort((a, b) => (a.job_id < b.job_id ? 1 : -1));
    return list;
  };
}
