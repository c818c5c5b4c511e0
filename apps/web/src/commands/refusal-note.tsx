import type { ReactElement } from 'react';
import { AlertIcon, CloseIcon } from '../ui/icons.tsx';

/** Why a command was not taken, over the page and not in it, so that nothing jumps. */
export function RefusalNote({
  refusal,
  onDismiss,
}: {
  refusal: string | null;
  onDismiss: () => void;
}): ReactElement {
  return (
    <div className="refusal-note" role="alert">
      {refusal !== null && (
        <div className="refusal-card" data-testid="command-refused">
          <AlertIcon />
          <p>{refusal}</p>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={onDismiss}>
            <CloseIcon />
          </button>
        </div>
      )}
    </div>
  );
}
