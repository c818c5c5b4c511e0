import { Component, type ReactElement, type ReactNode } from 'react';

interface Props {
  children: ReactNode;
}

/** A fault in one view leaves the rest of the page standing and offers a way on. */
export class ErrorBoundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? (
      <Fallback onRetry={() => this.setState({ hasFailed: false })} />
    ) : (
      this.props.children
    );
  }
}

function Fallback({ onRetry }: { onRetry: () => void }): ReactElement {
  return (
    <div className="notice" role="alert">
      <h1>Something went wrong on this page</h1>
      <p>The work itself is not affected.</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
