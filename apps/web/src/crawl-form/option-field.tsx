import { type ReactElement, type ReactNode, useId } from 'react';

/** A label, a field and one line below it: what may stand in the field or, in its place, what is wrong. */
export function OptionField({
  name,
  hint,
  error,
  children,
}: {
  name: string;
  hint: string;
  error: string | undefined;
  /** The field, given what ties it to its label and its line. */
  children: (ties: { id: string; 'aria-describedby': string; 'aria-invalid': true | undefined }) => ReactNode;
}): ReactElement {
  const id = useId();
  const lineId = `${id}-line`;
  return (
    <div className="option-field">
      <label htmlFor={id}>{name}</label>
      <div className="option-control">
        {children({ id, 'aria-describedby': lineId, 'aria-invalid': error === undefined ? undefined : true })}
      </div>
      <p className="option-line" id={lineId} data-wrong={error === undefined ? undefined : true}>
        {error ?? hint}
      </p>
    </div>
  );
}

export function TextOption({
  name,
  hint,
  value,
  error,
  placeholder,
  isNumber = false,
  onChange,
}: {
  name: string;
  hint: string;
  value: string;
  error: string | undefined;
  placeholder?: string;
  isNumber?: boolean;
  onChange: (value: string) => void;
}): ReactElement {
  return (
    <OptionField name={name} hint={hint} error={error}>
      {(ties) => (
        <input
          {...ties}
          type="text"
          inputMode={isNumber ? 'numeric' : 'text'}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </OptionField>
  );
}
