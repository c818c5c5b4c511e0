/** The services, in the order in which they are shown. */
export const SERVICE_NAMES = ['manager', 'parent-executor', 'ws-gateway', 'crawl-worker'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** How many processes of each service run beside each other. */
export type Replicas = Readonly<Record<ServiceName, number>>;

export const ONE_OF_EACH: Replicas = {
  manager: 1,
  'parent-executor': 1,
  'ws-gateway': 1,
  'crawl-worker': 1,
};

/** Of one service. More than this on one machine is a mistyped number. */
export const REPLICAS_MAX = 16;

/** The first replica has the plain name, so that one alone is called what it always was. */
export const replicaName = (service: ServiceName, index: number): string =>
  index === 0 ? service : `${service}-${index + 1}`;

/** `manager=2,crawl-worker=3`, as often as it was given, or all that is wrong with it. */
export function parseReplicas(given: readonly string[]): { replicas: Replicas; faults: string[] } {
  const replicas: Record<ServiceName, number> = { ...ONE_OF_EACH };
  const faults: string[] = [];
  const named = new Set<string>();
  for (const piece of given.flatMap((text) => text.split(','))) {
    const [, name, number = ''] = /^([^=]+)=([^=]+)$/.exec(piece) ?? [];
    if (name === undefined) faults.push(`--replicas takes service=number, not ${piece || 'nothing'}`);
    else if (!isServiceName(name)) {
      faults.push(`--replicas knows no service ${name}; there are ${SERVICE_NAMES.join(', ')}`);
    } else if (named.has(name)) faults.push(`--replicas names ${name} twice`);
    else if (!isCount(number)) {
      faults.push(`--replicas takes 1 to ${REPLICAS_MAX} of ${name}, not ${number}`);
    } else replicas[name] = Number(number);
    if (name !== undefined) named.add(name);
  }
  return { replicas, faults };
}

/** `manager ×2, parent-executor, …` */
export const describeReplicas = (replicas: Replicas): string =>
  SERVICE_NAMES.map((name) => (replicas[name] === 1 ? name : `${name} ×${replicas[name]}`)).join(', ');

/** Whether any service runs more than once. */
export const isReplicated = (replicas: Replicas): boolean => SERVICE_NAMES.some((name) => replicas[name] > 1);

const isServiceName = (name: string): name is ServiceName =>
  (SERVICE_NAMES as readonly string[]).includes(name);

const isCount = (text: string): boolean =>
  /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= REPLICAS_MAX;
