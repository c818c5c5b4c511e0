import type { Command, JobView, ProgenyClient, ProgenyClientError } from '@progeny/client';

export interface CommandState {
  /**
   * Gives the command, unless one is under way. Resolves with the job right after it, null for a deleted one; undefined
   * when it was not given, or was refused, which `error` tells. Never rejects.
   */
  run(command: Command): Promise<JobView | null | undefined>;
  /** The command that is under way. */
  pending: Command | null;
  /** Why the last one was refused; `code` is that of the problem. */
  error: ProgenyClientError | null;
  /** Takes the error away. */
  reset(): void;
}

export interface Commander {
  /** The same object until it changes. */
  get(): CommandState;
  /** Returns the way out; what is under way goes on without anybody being told. */
  follow(onChange: () => void): () => void;
}

/** The commands to one job, one at a time. */
export function createCommander(client: Pick<ProgenyClient, 'command'>, jobId: string): Commander {
  const followers = new Set<() => void>();
  const set = (next: Pick<CommandState, 'pending' | 'error'>): void => {
    state = { ...state, ...next };
    for (const tell of followers) tell();
  };
  let state: CommandState = {
    pending: null,
    error: null,
    async run(command) {
      if (state.pending !== null) return undefined;
      set({ pending: command, error: null });
      try {
        const view = await client.command(jobId, command);
        set({ pending: null, error: null });
        return view;
      } catch (error) {
        set({ pending: null, error: error as ProgenyClientError });
        return undefined;
      }
    },
    reset: () => set({ pending: state.pending, error: null }),
  };

  return {
    get: () => state,
    follow(onChange) {
      followers.add(onChange);
      return () => followers.delete(onChange);
    },
  };
}
