import type { ReactElement } from 'react';

/** Why the rows below, or their absence, are not the newest: the server has said no. */
export function ListRefusal({ refusal }: { refusal: string | null }): ReactElement | null {
  if (refusal === null) return null;
  return (
    <p className="list-refusal" role="alert">
      {refusal}
    </p>
  );
}
