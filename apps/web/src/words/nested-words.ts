import type { JobError } from '@progeny/contract';

/** The counts of a nested parent, with why it failed; of one that is held with that, since its row says running. */
export const nestedInWords = ({
  status,
  text,
  error = null,
}: {
  status: string;
  text: string;
  error?: JobError | null;
}): string => {
  if (error) return `${text} · ${error.user_message}`;
  return status === 'paused' ? `Paused: ${text}` : text;
};
