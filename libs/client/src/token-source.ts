export type Token = string | (() => string | Promise<string>);

export interface TokenSource {
  /** Whether asking again may give another one. */
  readonly isAsked: boolean;
  /** A fresh one; undefined for who needs none. Rejects as the application's function does. */
  ask(): Promise<string | undefined>;
  /** The one given last, for requests that come often. */
  recent(): Promise<string | undefined>;
  /** The last one was refused: `recent` asks again. */
  forget(): void;
}

export function createTokenSource(token: Token | undefined): TokenSource {
  let last: string | undefined;
  const ask = async (): Promise<string | undefined> => {
    last = typeof token === 'function' ? await token() : token;
    return last;
  };
  return {
    isAsked: typeof token === 'function',
    ask,
    recent: async () => last ?? ask(),
    forget: () => {
      last = undefined;
    },
  };
}

export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };
