import { type ReactElement, useEffect } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { useAccess } from './app-context.ts';
import { JobPage } from './job/job-page.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { useAccessCheck } from './live/use-access-check.ts';
import { ErrorBoundary } from './ui/error-boundary.tsx';
import { NotFound } from './ui/not-found.tsx';
import { RefusalBanner } from './ui/refusal-banner.tsx';
import { SignedOut } from './ui/signed-out.tsx';
import { TopBar } from './ui/top-bar.tsx';
import { UnreachableBanner } from './ui/unreachable-banner.tsx';

/** Asks the list page to put the cursor into the address box when it opens. */
export interface FocusState {
  focusUrl?: boolean;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, dialog, [contenteditable]') !== null;

function useFocusShortcut(): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      const input = document.getElementById('url-input');
      if (input) input.focus();
      else navigate('/', { state: { focusUrl: true } satisfies FocusState });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate]);
}

export function App(): ReactElement {
  const [path] = useLocation();
  const isSignedOut = useAccess() === 'signed_out';
  useFocusShortcut();
  useAccessCheck();
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <TopBar />
      <UnreachableBanner />
      <RefusalBanner />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary key={path}>{isSignedOut ? <SignedOut /> : <Pages />}</ErrorBoundary>
      </main>
    </>
  );
}

function Pages(): ReactElement {
  return (
    <Switch>
      <Route path="/" component={JobsPage} />
      <Route path="/jobs/:jobId">{({ jobId }) => <JobPage key={jobId} jobId={jobId} />}</Route>
      <Route>
        <NotFound title="There is nothing here" detail="The address may be mistyped." />
      </Route>
    </Switch>
  );
}
