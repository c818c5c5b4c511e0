import type { ReactElement } from 'react';
import { formatCount } from '../words/quantity.ts';

export interface FilterOption<Value extends string> {
  value: Value | null;
  name: string;
  count?: number;
}

/** One choice among a few, with live counts where there are any. */
export function FilterTabs<Value extends string>({
  label,
  options,
  chosen,
  onChoose,
}: {
  label: string;
  options: readonly FilterOption<Value>[];
  chosen: Value | null;
  onChoose: (value: Value | null) => void;
}): ReactElement {
  // As wide as the largest count, so that no tab moves when another gains a digit.
  const widest = Math.max(...options.map(({ count = 0 }) => formatCount(count).length));
  return (
    <fieldset className="tabs">
      <legend className="visually-hidden">{label}</legend>
      {options.map(({ value, name, count }) => (
        <button
          key={name}
          type="button"
          className="tab"
          aria-pressed={value === chosen}
          data-empty={count === 0 || undefined}
          onClick={() => onChoose(value)}
        >
          {name}
          {count !== undefined && (
            <span className="tab-count" style={{ minWidth: `${widest}ch` }}>
              {formatCount(count)}
            </span>
          )}
        </button>
      ))}
    </fieldset>
  );
}
