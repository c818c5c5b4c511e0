import { useProgenyClient } from '@progeny/react';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { ApiError } from '../api/api-error.ts';
import { useApp } from '../app-context.ts';
import {
  type CrawlFieldErrors,
  type CrawlFields,
  parseCrawlFields,
  problemToFieldErrors,
} from './crawl-request.ts';

export interface StartCrawl {
  errors: CrawlFieldErrors;
  /** How often it was refused, here or by the server: each time the first mistake is to be shown. */
  refusals: number;
  isStarting: boolean;
  start: (fields: CrawlFields) => void;
  clearError: (name: keyof CrawlFields) => void;
}

/** `crypto.randomUUID` exists only on secure origins; a page on a plain LAN address gets the like of it. */
const newKey = (): string =>
  crypto.randomUUID?.() ??
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join('-');

/** Checks, sends and goes to the new crawl. The same request tried again after a lost answer starts no second crawl. */
export function useStartCrawl(): StartCrawl {
  const { api } = useApp();
  const client = useProgenyClient();
  const [, navigate] = useLocation();
  const [errors, setErrors] = useState<CrawlFieldErrors>({});
  const [refusals, setRefusals] = useState(0);
  const [isStarting, setIsStarting] = useState(false);
  const unanswered = useRef<{ body: string; key: string }>(null);

  const refuse = (why: CrawlFieldErrors): void => {
    setErrors(why);
    setRefusals((before) => before + 1);
  };
  const send = async (fields: CrawlFields): Promise<void> => {
    const request = parseCrawlFields(fields);
    if (!request.isValid) return refuse(request.errors);
    setErrors({});
    const body = JSON.stringify(request.job);
    const key = unanswered.current?.body === body ? unanswered.current.key : newKey();
    unanswered.current = { body, key };
    setIsStarting(true);
    try {
      const job = await api.createJob(request.job, key);
      unanswered.current = null;
      if ('progress' in job) client.accept(job.progress);
      navigate(`/jobs/${job.job_id}`);
    } catch (error) {
      if (error instanceof ApiError) unanswered.current = null;
      refuse(
        error instanceof ApiError
          ? problemToFieldErrors(error.problem)
          : { form: 'The server cannot be reached right now. Nothing is lost: try again in a moment.' },
      );
    }
    setIsStarting(false);
  };

  return {
    errors,
    refusals,
    isStarting,
    start: (fields) => void send(fields),
    // Another choice about failures is another question than the one that was answered wrong.
    clearError: (name) =>
      setErrors(({ [name === 'failures' ? 'maxFailed' : name]: _, form: __, ...others }) => others),
  };
}
