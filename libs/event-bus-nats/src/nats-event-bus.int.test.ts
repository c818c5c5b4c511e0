import { describeEventBusContract } from '@progeny/event-bus/contract-suite';
import { createNatsHarness } from './testing/nats-harness.ts';

describeEventBusContract('the NATS bus', createNatsHarness, { restart: true });
