import { type RefObject, useLayoutEffect, useRef } from 'react';

/** For an element whose content comes and goes: it never shrinks, so that nothing below it jumps. */
export function useOnlyGrows<E extends HTMLElement>(): RefObject<E | null> {
  const ref = useRef<E>(null);
  const width = useRef(0);
  // After each render, since any may have changed what is in it.
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    // Another width breaks the lines anew: the old height says nothing then.
    if (element.offsetWidth !== width.current) element.style.minHeight = '';
    width.current = element.offsetWidth;
    element.style.minHeight = `${element.offsetHeight}px`;
  });
  return ref;
}
