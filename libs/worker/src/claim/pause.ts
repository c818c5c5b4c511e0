export interface Pause {
  /**
   * Waits `atMostMs`, or until a wake-up, one that came since the last wait included; a wake-up never makes it shorter
   * than `atLeastMs`. Resolves with true when it was woken.
   */
  wait(bounds: { atLeastMs: number; atMostMs: number }): Promise<boolean>;
  wake(): void;
}

export function createPause(): Pause {
  let woken = false;
  let end: (() => void) | undefined;
  return {
    async wait({ atLeastMs, atMostMs }) {
      if (atLeastMs > 0) await new Promise((resolve) => setTimeout(resolve, atLeastMs));
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(0, atMostMs - atLeastMs));
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        end = undefined;
      }
      const wasWoken = woken;
      woken = false;
      return wasWoken;
    },
    wake() {
      woken = true;
      end?.();
    },
  };
}
