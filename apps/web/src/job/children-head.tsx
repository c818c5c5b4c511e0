import type { ReactElement } from 'react';

export function ChildrenHead({ isCrawl }: { isCrawl: boolean }): ReactElement {
  return (
    <thead>
      <tr>
        <th scope="col" className="col-status">
          Status
        </th>
        <th scope="col">{isCrawl ? 'Page' : 'Key'}</th>
        {isCrawl && (
          <>
            <th scope="col" className="col-http">
              HTTP
            </th>
            <th scope="col" className="col-size">
              Size
            </th>
          </>
        )}
        <th scope="col" className="col-took">
          Took
        </th>
        <th scope="col" className="col-attempt">
          Attempt
        </th>
        <th scope="col" className="col-action">
          <span className="visually-hidden">Commands</span>
        </th>
      </tr>
    </thead>
  );
}
