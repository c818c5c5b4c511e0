import { type ReactElement, useEffect } from 'react';
import { useApp } from '../app-context.ts';

/** In the place of whatever the API would not show: nothing behind it asks again until one says so. */
export function SignedOut(): ReactElement {
  const { access } = useApp();
  useEffect(() => {
    document.title = 'Not signed in · Progeny';
  }, []);
  return (
    <div className="notice" role="alert" data-testid="signed-out">
      <p className="notice-code">401</p>
      <h1>You are not signed in</h1>
      <p>
        This server shows jobs to those it knows. Your browser has brought no token, or one that has expired.
        Sign in where you usually do, then come back to this tab. The jobs go on meanwhile.
      </p>
      <button type="button" className="button" onClick={access.tryAgain}>
        I have signed in
      </button>
    </div>
  );
}
