/** Lets at most `perHost` through at a time for each host, in the order of arrival. */
export interface HostGate {
  /** Resolves with the function that makes room again. Rejects with the signal's reason. */
  enter(host: string, signal: AbortSignal): Promise<() => void>;
}

interface Host {
  inside: number;
  waiting: Set<() => void>;
}

/** Whoever waits is held by its caller, so the caller's own bound is the bound of this one. */
export function createHostGate(perHost: number): HostGate {
  const hosts = new Map<string, Host>();

  const leave = (name: string, host: Host) => {
    const [next] = host.waiting;
    if (next) return next();
    host.inside -= 1;
    if (host.inside === 0) hosts.delete(name);
  };
  const once = (name: string, host: Host) => {
    let left = false;
    return () => {
      if (!left) leave(name, host);
      left = true;
    };
  };

  return {
    enter(name, signal) {
      const host = hosts.get(name) ?? { inside: 0, waiting: new Set() };
      hosts.set(name, host);
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (host.inside < perHost) {
          host.inside += 1;
          return resolve(once(name, host));
        }
        const admit = () => {
          host.waiting.delete(admit);
          signal.removeEventListener('abort', giveUp);
          resolve(once(name, host));
        };
        const giveUp = () => {
          host.waiting.delete(admit);
          reject(signal.reason);
        };
        host.waiting.add(admit);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
