import type { ReactElement } from 'react';
import { TreeIcon } from '../ui/icons.tsx';

/** Says of a child that it has children of its own. */
export const NestedMark = (): ReactElement => (
  <span className="nested-mark" title="Has children of its own" data-testid="nested">
    <TreeIcon />
    <span className="visually-hidden">, has children of its own</span>
  </span>
);
