import { type KeyboardEvent, type ReactElement, type ReactNode, useId, useRef } from 'react';

/** A few views of one thing, of which one is shown: tabs, walked by the arrow keys. */
export function Views<Value extends string>({
  label,
  views,
  chosen,
  onChoose,
  children,
}: {
  label: string;
  views: readonly { value: Value | null; name: string }[];
  chosen: Value | null;
  onChoose: (value: Value | null) => void;
  /** What the chosen view shows. */
  children: ReactNode;
}): ReactElement {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = views.findIndex(({ value }) => value === chosen);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step === undefined ? undefined : views.at((at + step) % views.length);
    if (!next) return;
    event.preventDefault();
    onChoose(next.value);
    list.current?.querySelector<HTMLElement>(`[data-view="${next.value ?? ''}"]`)?.focus();
  };
  return (
    <section className="views">
      <div className="view-tabs" role="tablist" aria-label={label} ref={list}>
        {views.map(({ value, name }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${value ?? ''}`}
            className="view-tab"
            data-view={value ?? ''}
            aria-selected={value === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={value === chosen ? 0 : -1}
            onClick={() => onChoose(value)}
            onKeyDown={onKeyDown}
          >
            {name}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen ?? ''}`}>
        {children}
      </div>
    </section>
  );
}
