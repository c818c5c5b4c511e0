import { type FormEvent, type ReactElement, useEffect, useId, useRef, useState } from 'react';
import type { FocusState } from '../app.tsx';
import { useApp } from '../app-context.ts';
import { useFetched } from '../live/use-fetched.ts';
import { ArrowIcon, GlobeIcon } from '../ui/icons.tsx';
import { CrawlOptions } from './crawl-options.tsx';
import { type CrawlFieldErrors, type CrawlFields, PRESET } from './crawl-request.ts';
import { useStartCrawl } from './use-start-crawl.ts';

/** Starts a crawl and goes to it. Mistakes are shown beside the field, found here or by the server. */
export function CrawlForm(): ReactElement {
  const { api } = useApp();
  const [fields, setFields] = useState(PRESET);
  const { errors, refusals, isStarting, start, clearError } = useStartCrawl();
  const { value: config } = useFetched(api.pageConfig);
  const form = useRef<HTMLFormElement>(null);
  const urlInput = useRef<HTMLInputElement>(null);
  const errorId = useId();

  useEffect(() => {
    if ((history.state as FocusState | null)?.focusUrl) urlInput.current?.focus();
  }, []);
  useEffect(() => {
    if (refusals === 0) return;
    // The options open with their first mistake; the field can be focused once they have.
    const frame = requestAnimationFrame(() =>
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
    );
    return () => cancelAnimationFrame(frame);
  }, [refusals]);

  const change = (name: keyof CrawlFields, value: string): void => {
    setFields((before) => ({ ...before, [name]: value }));
    clearError(name);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    start(fields);
  };
  const demoUrl = config?.demo_url ?? null;

  return (
    <form ref={form} className="crawl-form" onSubmit={submit} noValidate>
      <div className="url-row" data-invalid={errors.url ? true : undefined}>
        <GlobeIcon />
        <input
          ref={urlInput}
          id="url-input"
          data-testid="url-input"
          type="text"
          inputMode="url"
          autoComplete="url"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="example.com"
          aria-label="Address of the site to crawl"
          aria-invalid={errors.url ? true : undefined}
          aria-describedby={errors.url ? errorId : undefined}
          value={fields.url}
          onChange={(event) => change('url', event.target.value)}
        />
        <span className="key-hint" aria-hidden="true">
          /
        </span>
        <button
          type="submit"
          className="button button-primary"
          data-testid="start-crawl"
          disabled={isStarting}
        >
          {isStarting ? 'Starting…' : 'Start crawl'}
        </button>
      </div>
      <FormNotes errors={errors} errorId={errorId} />
      <div className="form-extras">
        <CrawlOptions fields={fields} errors={errors} onChange={change} />
        {demoUrl && (
          <button
            type="button"
            className="button button-quiet demo-button"
            disabled={isStarting}
            onClick={() => start({ ...fields, url: demoUrl })}
          >
            Crawl the demo site
            <ArrowIcon />
          </button>
        )}
      </div>
    </form>
  );
}

function FormNotes({ errors, errorId }: { errors: CrawlFieldErrors; errorId: string }): ReactElement {
  return (
    <>
      {errors.url && (
        <p className="field-error" id={errorId} role="alert">
          {errors.url}
        </p>
      )}
      {errors.form && (
        <p className="field-error" role="alert">
          {errors.form}
        </p>
      )}
    </>
  );
}
