import type { ParentView } from '@progeny/contract';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { ProgenyApi } from '../api/progeny-api.ts';
import { useApp } from '../app-context.ts';
import { useFetched } from '../live/use-fetched.ts';
import { BackIcon } from '../ui/icons.tsx';

/** Where a nested job is: the jobs around it, the outermost first, each a way there. */
export function Trail({ parentId }: { parentId: string }): ReactElement {
  const { api } = useApp();
  const { value: around } = useFetched(() => readAround(api, parentId));
  return (
    <nav className="trail" aria-label="Where this job is" data-testid="trail">
      <ol>
        <li>
          <Link href="/" className="back">
            <BackIcon />
            Crawls
          </Link>
        </li>
        {(around ?? [{ job_id: parentId, name: 'The job around it' }]).map(({ job_id: jobId, name }) => (
          <li key={jobId}>
            <Link href={`/jobs/${jobId}`} className="back" title={name}>
              {name}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** From the innermost on, as each names the next. */
async function readAround(api: ProgenyApi, parentId: string): Promise<ParentView[]> {
  const around: ParentView[] = [];
  for (let next: string | null = parentId; next !== null; ) {
    const job = (await api.getJob(next)) as ParentView;
    around.unshift(job);
    next = job.parent_id;
  }
  return around;
}
