import type { BusLog } from '../bus-log.ts';
import type { EventBus } from '../event-bus.ts';

/** One broker for all tests of a suite. */
export interface BusHarness {
  /** One more bus on the broker, connected. Its `close` waits `HARNESS_DRAIN_LIMIT_MS` for handlers. */
  connect(options: { log: BusLog; drainLimitMs: number }): Promise<EventBus>;
  /** Puts text on a subject as somebody outside could. */
  sendRaw(subject: string, text: string): Promise<void>;
  /** Stops the broker as a crash or an upgrade would, and starts it again at the same address. */
  restart?: { stop(): Promise<void>; start(): Promise<void> };
  /** Fails when buses that were closed left anything behind. */
  assertNothingLeft(): Promise<void>;
  close(): Promise<void>;
}

export interface BusFeatures {
  /** The broker can be away while the bus stands. */
  restart: boolean;
}

export const HARNESS_DRAIN_LIMIT_MS = 300;

export interface LogLine {
  level: 'warn' | 'error';
  fields: object;
  message: string;
}

export interface SuiteContext {
  readonly broker: BusHarness;
  /** One more bus; the suite closes it after the test. */
  connect(): Promise<EventBus>;
  /** What the buses of this test have logged. */
  readonly logged: LogLine[];
}

/** Gives each test its buses, closes them afterwards and looks for leaks. */
export function setUpBroker(createHarness: () => Promise<BusHarness>): SuiteContext {
  let broker: BusHarness | undefined;
  const buses: EventBus[] = [];
  const logged: LogLine[] = [];
  const log: BusLog = {
    warn: (fields, message) => logged.push({ level: 'warn', fields, message }),
    error: (fields, message) => logged.push({ level: 'error', fields, message }),
  };
  const theBroker = () => {
    if (!broker) throw new Error('the broker does not stand');
    return broker;
  };

  beforeAll(async () => {
    broker = await createHarness();
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
    logged.length = 0;
    await theBroker().assertNothingLeft();
  });
  afterAll(() => theBroker().close());

  return {
    get broker() {
      return theBroker();
    },
    logged,
    async connect() {
      const bus = await theBroker().connect({ log, drainLimitMs: HARNESS_DRAIN_LIMIT_MS });
      buses.push(bus);
      return bus;
    },
  };
}
