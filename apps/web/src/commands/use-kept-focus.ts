import { type RefObject, useRef } from 'react';

export interface KeptFocus<E extends HTMLElement> {
  /** Of the element around the buttons. It takes the focus itself, so it has a `tabIndex` of -1. */
  ref: RefObject<E | null>;
  /** Call it before a command; what it answers is called when that was taken. */
  hold(): () => void;
}

/** For buttons that go when they have done their work: the keyboard stays where they were. */
export function useKeptFocus<E extends HTMLElement>(): KeptFocus<E> {
  const ref = useRef<E>(null);
  return {
    ref,
    hold: () => {
      const hadFocus = ref.current?.contains(document.activeElement) ?? false;
      return () => {
        const { activeElement } = document;
        const isLost = activeElement === document.body || ref.current?.contains(activeElement);
        if (hadFocus && isLost) ref.current?.focus();
      };
    },
  };
}
