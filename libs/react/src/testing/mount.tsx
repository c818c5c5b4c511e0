import { act, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';

export interface Mounted {
  container: HTMLElement;
  render(element: ReactElement): void;
  unmount(): void;
}

/** Renders into a real document; every effect has run when it returns. */
export function mount(element: ReactElement): Mounted {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const render = (next: ReactElement): void => act(() => root.render(next));
  render(element);
  return {
    container,
    render,
    unmount: () => {
      act(() => root.unmount());
      container.remove();
    },
  };
}
