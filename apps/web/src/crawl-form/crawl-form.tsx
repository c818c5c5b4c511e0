import { type FormEvent, type ReactElement, useEffect, useId, useRef, useState } from 'react';
import type { FocusState } from '../app.tsx';
import { useApp } from '../app-context.ts';
import { useFetched } from '../live/use-fetched.ts';
import { ArrowIcon, ChevronIcon, GlobeIcon } from '../ui/icons.tsx';
import { type CrawlFieldErrors, type CrawlFields, FORM_LIMITS } from './crawl-request.ts';
import { NumberField } from './number-field.tsx';
import { useStartCrawl } from './use-start-crawl.ts';

const PRESET: CrawlFields = {
  url: '',
  maxPages: String(FORM_LIMITS.maxPages.preset),
  maxDepth: String(FORM_LIMITS.maxDepth.preset),
};

/** Starts a crawl and goes to it. Mistakes are shown beside the field, found here or by the server. */
export function CrawlForm(): ReactElement {
  const { api } = useApp();
  const [fields, setFields] = useState(PRESET);
  const { errors, isStarting, start, clearError } = useStartCrawl();
  const { value: config } = useFetched(api.pageConfig);
  const urlInput = useRef<HTMLInputElement>(null);
  const errorId = useId();

  useEffect(() => {
    if ((history.state as FocusState | null)?.focusUrl) urlInput.current?.focus();
  }, []);
  useEffect(() => {
    if (errors.url) urlInput.current?.focus();
  }, [errors]);

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
    <form className="crawl-form" onSubmit={submit} noValidate>
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
        <details className="advanced">
          <summary>
            <ChevronIcon />
            Limits
          </summary>
          <div className="advanced-fields">
            <NumberField
              name="Pages at most"
              value={fields.maxPages}
              error={errors.maxPages}
              onChange={(value) => change('maxPages', value)}
            />
            <NumberField
              name="Links deep at most"
              value={fields.maxDepth}
              error={errors.maxDepth}
              onChange={(value) => change('maxDepth', value)}
            />
          </div>
        </details>
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
