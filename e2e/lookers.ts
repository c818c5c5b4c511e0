/** Those who wait for something to be so; they look whenever something has come. */
export interface Lookers {
  look(): void;
  when(isSo: () => boolean): Promise<void>;
}

export function createLookers(): Lookers {
  const lookers = new Set<() => void>();
  return {
    look() {
      for (const looker of lookers) looker();
    },
    when: (isSo) =>
      new Promise((resolve) => {
        const looker = () => {
          if (!isSo()) return;
          lookers.delete(looker);
          resolve();
        };
        lookers.add(looker);
        looker();
      }),
  };
}
