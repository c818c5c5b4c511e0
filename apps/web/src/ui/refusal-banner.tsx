import { useConnection } from '@progeny/react';
import type { ReactElement } from 'react';
import { useAccess } from '../app-context.ts';
import { refusalInWords } from '../words/connection-words.ts';
import { AlertIcon } from './icons.tsx';

/** Says that the gateway will not have this page back, why, and what to do. The manager may still be asked. */
export function RefusalBanner(): ReactElement | null {
  const state = useConnection();
  const isSignedOut = useAccess() === 'signed_out';
  if (isSignedOut || state.status === 'live' || state.refusal === undefined) return null;
  return (
    <div className="unreachable" role="alert" data-testid="refused">
      <AlertIcon />
      <span>
        <strong>Live updates are refused.</strong> {refusalInWords(state.refusal)}
      </span>
      <button type="button" className="button" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  );
}
