/** Nothing could be reached for this long: what is shown is old, and says so. */
export const STALE_AFTER_MS = 15_000;

/**
 * How fresh everything is; `since` in milliseconds of the epoch.
 * `live`: events arrive the moment they happen. `polling`: the gateway is away, the manager answers every few seconds.
 * `reconnecting`: neither was reached yet. `stale`: nothing was reached for a while; what is known is as of `since`.
 * `refusal`: the code, 4400 to 4499, by which the gateway closed for good; it is not dialled again by itself.
 */
export type ConnectionState =
  | { readonly status: 'live'; readonly since: number; readonly via: 'websocket' | 'sse' }
  | { readonly status: 'polling'; readonly since: number; readonly refusal?: number }
  | { readonly status: 'reconnecting'; readonly since: number; readonly refusal?: number }
  | { readonly status: 'stale'; readonly since: number; readonly refusal?: number };

export interface ConnectionStatus {
  /** The same object until it changes. */
  readonly state: ConnectionState;
  live(via: 'websocket' | 'sse'): void;
  polling(): void;
  /** Nothing is reached at the moment; from now on it may get stale. */
  lost(): void;
  /** The gateway has closed with this code, which forbids to come back with the same behaviour. */
  refused(code: number): void;
  /** Nobody watches, so nothing gets old: the state stays as it is until somebody does again. */
  idle(): void;
}

export function createConnectionStatus(options: {
  now: () => number;
  onChange: (state: ConnectionState) => void;
}): ConnectionStatus {
  let state: ConnectionState = { status: 'reconnecting', since: options.now() };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refusal: number | undefined;

  const set = (next: ConnectionState): void => {
    state = refusal === undefined || next.status === 'live' ? next : { ...next, refusal };
    options.onChange(state);
  };
  const reached = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const away = (): void => {
    if (state.status === 'live' || state.status === 'polling') {
      set({ status: 'reconnecting', since: options.now() });
    }
  };

  return {
    get state() {
      return state;
    },
    live(via) {
      reached();
      refusal = undefined;
      if (state.status !== 'live' || state.via !== via) set({ status: 'live', since: options.now(), via });
    },
    polling() {
      reached();
      if (state.status !== 'polling') set({ status: 'polling', since: options.now() });
    },
    lost() {
      away();
      if (timer !== undefined || state.status === 'stale') return;
      timer = setTimeout(() => {
        timer = undefined;
        set({ status: 'stale', since: state.since });
      }, STALE_AFTER_MS);
    },
    refused(code) {
      refusal = code;
      // Whoever was live is told with what comes next.
      if (state.status !== 'live') set(state);
    },
    idle() {
      reached();
      if (refusal === undefined || state.status === 'live') return;
      refusal = undefined;
      set({ status: state.status, since: state.since });
    },
  };
}
