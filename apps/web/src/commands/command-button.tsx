import type { ReactElement, ReactNode } from 'react';

/**
 * A button that shows that it works, in a place as wide as the longer of its words. While it works it stays where the
 * keyboard is, and another click changes nothing.
 */
export function CommandButton({
  name,
  doing,
  isBusy,
  icon,
  look = '',
  testId,
  label,
  onPress,
}: {
  name: string;
  /** What it says while it works. */
  doing: string;
  isBusy: boolean;
  icon?: ReactNode;
  look?: string;
  testId: string;
  /** More than its name, for those who do not see what is around it. It begins with the name. */
  label?: string;
  onPress: () => void;
}): ReactElement {
  return (
    <button
      type="button"
      className={`button command ${look}`}
      data-testid={testId}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      aria-label={isBusy ? undefined : label}
      onClick={() => {
        if (!isBusy) onPress();
      }}
    >
      <span data-shown={isBusy ? undefined : true} aria-hidden={isBusy || undefined}>
        {icon}
        <span className="command-words">{name}</span>
      </span>
      <span
        className="command-doing"
        data-shown={isBusy || undefined}
        aria-hidden={isBusy ? undefined : true}
      >
        <span className="spinner" />
        <span className="command-words">{doing}</span>
      </span>
    </button>
  );
}
