import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { ConnectionBadge } from './connection-badge.tsx';
import { Logo } from './icons.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export function TopBar(): ReactElement {
  return (
    <header className="top-bar">
      <div className="top-bar-inner">
        <Link href="/" className="brand" aria-label="Progeny, all crawls">
          <Logo />
          <span>Progeny</span>
        </Link>
        <nav className="top-bar-end" aria-label="Tools">
          <ConnectionBadge />
          <a className="top-bar-link" href="/docs">
            API
          </a>
          <ThemeToggle />
        </nav>
      </div>
    </header>
  );
}
