import type { ReactElement } from 'react';

const icon = (path: ReactElement): (() => ReactElement) => {
  return () => (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      {path}
    </svg>
  );
};

export const SunIcon = icon(
  <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z" />,
);
export const MoonIcon = icon(<path d="M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z" />);
export const ChevronIcon = icon(<path d="m6 3.5 4.5 4.5L6 12.5" />);
export const BackIcon = icon(<path d="M10 3.5 5.5 8l4.5 4.5" />);
export const ArrowIcon = icon(<path d="M3 8h10M9 4l4 4-4 4" />);
export const OutIcon = icon(<path d="M5.5 3.5h7v7M12.5 3.5l-9 9" />);
export const CloseIcon = icon(<path d="m4 4 8 8M12 4l-8 8" />);
export const CheckIcon = icon(<path d="m3 8.5 3.3 3.3L13 5" />);
export const AlertIcon = icon(<path d="M8 5v3.5M8 11v.1M8 1.8 1.5 13.5h13L8 1.8Z" />);
export const PauseIcon = icon(<path d="M5.5 3.5v9M10.5 3.5v9" />);
export const PlayIcon = icon(<path d="M5 3v10l8-5-8-5Z" />);
export const RetryIcon = icon(<path d="M13 8a5 5 0 1 1-1.6-3.7L13 5.8M13 2.5v3.3H9.7" />);
export const TreeIcon = icon(
  <path d="M8 5.4v2.3M8 7.7H4v2.9M8 7.7h4v2.9M8 5.4a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4ZM4 14a1.7 1.7 0 1 0 0-3.4A1.7 1.7 0 0 0 4 14ZM12 14a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4Z" />,
);
export const DownIcon = icon(<path d="M8 3v10M4 9l4 4 4-4" />);
export const GlobeIcon = icon(
  <path d="M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM1.8 8h12.4M8 1.8c2 2 2.6 4 2.6 6.2S10 12.2 8 14.2C6 12.2 5.4 10.2 5.4 8S6 3.8 8 1.8Z" />,
);

/** The mark: one parent, three children in three states. */
export const Logo = (): ReactElement => (
  <svg className="logo" viewBox="0 0 24 24" aria-hidden="true">
    <path className="logo-lines" d="M12 7v4M12 11H5.5v5M12 11h6.5v5M12 11v5" />
    <circle className="logo-parent" cx="12" cy="5" r="3" />
    <circle className="logo-done" cx="5.5" cy="18.5" r="2.5" />
    <circle className="logo-running" cx="12" cy="18.5" r="2.5" />
    <circle className="logo-pending" cx="18.5" cy="18.5" r="2.5" />
  </svg>
);
