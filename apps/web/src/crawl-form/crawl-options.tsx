import { type ReactElement, useEffect, useState } from 'react';
import { ChevronIcon } from '../ui/icons.tsx';
import type { CrawlFieldErrors, CrawlFields } from './crawl-request.ts';
import { FailureOption } from './failure-option.tsx';
import { TextOption } from './option-field.tsx';

export interface OptionsProps {
  fields: CrawlFields;
  errors: CrawlFieldErrors;
  onChange: (name: keyof CrawlFields, value: string) => void;
}

/** What most crawls leave as it is. It opens by itself when something in it is wrong. */
export function CrawlOptions({ fields, errors, onChange }: OptionsProps): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const { url: _, form: __, ...own } = errors;
  const isWrong = Object.keys(own).length > 0;
  useEffect(() => {
    if (isWrong) setIsOpen(true);
  }, [isWrong]);
  const text = (name: keyof CrawlFields) => ({
    value: fields[name],
    error: errors[name],
    onChange: (value: string) => onChange(name, value),
  });
  return (
    <details className="advanced" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary data-testid="crawl-options">
        <ChevronIcon />
        Options
      </summary>
      <div className="advanced-fields">
        <TextOption name="Pages at most" hint="From 1 to 1,000,000" isNumber {...text('maxPages')} />
        <TextOption
          name="Links deep at most"
          hint="0 is the first page alone"
          isNumber
          {...text('maxDepth')}
        />
        <TextOption name="Priority" hint="From -100 to 100, higher goes first" {...text('priority')} />
        <TextOption
          name="Deadline"
          hint="Then it fails, and what is open is cancelled"
          placeholder="None, or 30m, 2h, 1d"
          {...text('deadline')}
        />
        <TextOption
          name="Time for one page"
          hint="Beyond it the page is tried again"
          placeholder="No limit, or 30s, 5m"
          {...text('pageTimeout')}
        />
        <FailureOption fields={fields} errors={errors} onChange={onChange} />
      </div>
    </details>
  );
}
