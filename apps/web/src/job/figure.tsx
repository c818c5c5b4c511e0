import type { ReactElement, ReactNode } from 'react';

/** A number with its name above it. */
export function Figure({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
