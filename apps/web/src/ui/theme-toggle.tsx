import { type ReactElement, useState } from 'react';
import { MoonIcon, SunIcon } from './icons.tsx';

/** Also read by public/theme.js, before the first paint. */
const STORAGE_KEY = 'progeny.theme';
type Theme = 'light' | 'dark';

function currentTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function ThemeToggle(): ReactElement {
  const [theme, setTheme] = useState(currentTheme);
  const other: Theme = theme === 'dark' ? 'light' : 'dark';
  const choose = (): void => {
    document.documentElement.dataset.theme = other;
    try {
      localStorage.setItem(STORAGE_KEY, other);
    } catch {
      // Storage is forbidden here: the choice lasts until the page is left.
    }
    setTheme(other);
  };
  return (
    <button type="button" className="icon-button" onClick={choose} aria-label={`Use the ${other} theme`}>
      {theme === 'dark' ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}
