import type { ReactElement } from 'react';
import { ChevronIcon } from '../ui/icons.tsx';
import type { OptionsProps } from './crawl-options.tsx';
import type { FailureChoice } from './crawl-request.ts';
import { OptionField } from './option-field.tsx';

const CHOICES: Readonly<Record<FailureChoice, { name: string; hint: string }>> = {
  continue: { name: 'Carry on', hint: 'It fails only if no page succeeds' },
  fail_fast: { name: 'Stop at the first', hint: 'What is open is cancelled, and the crawl fails' },
  max_failed: { name: 'Stop when more fail than', hint: 'A number such as 20, or a share such as 5%' },
};
const isChoice = (value: string): value is FailureChoice => value in CHOICES;

/** The failure policy: a choice, and beside it the number or share that one of them needs. */
export function FailureOption({ fields, errors, onChange }: OptionsProps): ReactElement {
  const { failures, maxFailed } = fields;
  return (
    <OptionField name="When pages fail" hint={CHOICES[failures].hint} error={errors.maxFailed}>
      {({ 'aria-invalid': isInvalid, ...ties }) => (
        <>
          <span className="select">
            <select
              {...ties}
              value={failures}
              onChange={({ target: { value } }) => isChoice(value) && onChange('failures', value)}
            >
              {Object.entries(CHOICES).map(([value, { name }]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
            <ChevronIcon />
          </span>
          {failures === 'max_failed' && (
            <input
              type="text"
              className="max-failed"
              autoComplete="off"
              aria-label="How many pages may fail"
              aria-describedby={ties['aria-describedby']}
              aria-invalid={isInvalid}
              value={maxFailed}
              onChange={(event) => onChange('maxFailed', event.target.value)}
            />
          )}
        </>
      )}
    </OptionField>
  );
}
