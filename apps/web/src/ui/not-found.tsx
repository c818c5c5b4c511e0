import type { ReactElement } from 'react';
import { Link } from 'wouter';

export function NotFound({ title, detail }: { title: string; detail: string }): ReactElement {
  return (
    <div className="notice">
      <p className="notice-code">404</p>
      <h1>{title}</h1>
      <p>{detail}</p>
      <Link className="button" href="/">
        All crawls
      </Link>
    </div>
  );
}
