import type { Command } from '@progeny/client';
import { useCommand } from '@progeny/react';
import { refusalWords } from '../words/command-words.ts';

export interface JobCommand {
  /** The command that is on its way; until it is answered another changes nothing. */
  pending: Command | null;
  /** Why the last one was not taken, in words. */
  refusal: string | null;
  /** Resolves with whether it was taken. */
  give(command: Command): Promise<boolean>;
  dismiss(): void;
}

/** Commands about one job. What the server answers counts at once, before any event tells it. */
export function useJobCommand(jobId: string): JobCommand {
  const { run, pending, error, reset } = useCommand(jobId);
  return {
    pending,
    refusal: error && refusalWords(error),
    give: async (command) => (await run(command)) !== undefined,
    dismiss: reset,
  };
}
