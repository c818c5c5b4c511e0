import type { ReactElement } from 'react';
import { TreeIcon } from '../ui/icons.tsx';

/** The name of a child that has children of its own, which it says. The mark stands before what may be cut off. */
export const NestedLabel = ({ text }: { text: string }): ReactElement => (
  <>
    <span className="nested-mark" title="Has children of its own" aria-hidden="true" data-testid="nested">
      <TreeIcon />
    </span>
    {text}
    <span className="visually-hidden">, has children of its own</span>
  </>
);
