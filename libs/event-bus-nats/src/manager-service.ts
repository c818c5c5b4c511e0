import { WORKER_ENDPOINTS, type WorkerEndpoint } from '@progeny/contract';
import {
  answerRequest,
  BusError,
  type BusLog,
  decodeReply,
  type HandlerRunner,
  type RequestHandlers,
} from '@progeny/event-bus';
import { type Msg, type NatsConnection, type Service, ServiceError, type ServiceMsg } from 'nats';
import { toBusError } from './bus-failure.ts';
import type { Standing } from './standing.ts';

/** In `nats micro ls`: one instance for each process that serves. */
const SERVICE = {
  name: 'manager',
  version: '0.1.0',
  description: 'Claims, reports and heartbeats of crawl workers',
  queue: 'manager',
};

const ErrorStatus = {
  invalid_request: 400,
  refused: 409,
  stopped: 410,
  remote_failed: 500,
  unavailable: 503,
} as const;
const ERROR_MESSAGE_MAX_CHARS = 1_000;
const ENDPOINTS = Object.keys(WORKER_ENDPOINTS) as WorkerEndpoint[];

/** The worker endpoints as a NATS micro service, which shares their requests with all others of its name. */
export function createManagerService({
  handlers,
  runner,
  log,
}: {
  handlers: RequestHandlers;
  runner: HandlerRunner;
  log: BusLog;
}): Standing {
  let service: Service | undefined;
  let active = true;

  const respond = async (endpoint: WorkerEndpoint, msg: ServiceMsg): Promise<void> => {
    // Routed here before the server knew that we stopped: somebody else can still do it.
    if (!active) return respondError(msg, ErrorStatus.stopped, 'stopped serving');
    const answer = await answerRequest(endpoint, msg.string(), { handlers, runner });
    if (!answer.ok) return respondError(msg, ErrorStatus[answer.code], answer.message);
    try {
      msg.respond(answer.text);
    } catch (error) {
      respondError(msg, ErrorStatus.remote_failed, toBusError(error, `the reply of ${endpoint}`).message);
    }
  };

  return {
    async attach(nc: NatsConnection) {
      service = await nc.services.add(SERVICE);
      if (!active) return void service.stop();
      for (const endpoint of ENDPOINTS) {
        service.addEndpoint(endpoint, {
          subject: WORKER_ENDPOINTS[endpoint].subject,
          handler: (error, msg) => {
            if (error) log.error({ endpoint, err: error }, 'NATS refused an endpoint');
            else void runner.run({ endpoint }, () => respond(endpoint, msg));
          },
        });
      }
    },
    async drain() {
      await service?.stop();
    },
    end() {
      active = false;
      void service?.stop();
    },
  };
}

/** Header values are one line. */
function respondError(msg: ServiceMsg, status: number, message: string): void {
  const line = message.replace(/\s+/g, ' ').trim().slice(0, ERROR_MESSAGE_MAX_CHARS);
  msg.respondError(status, line);
}

/** The reply, or the BusError that the service's error stands for. */
export function readReply<E extends WorkerEndpoint>(endpoint: E, msg: Msg) {
  const error = ServiceError.toServiceError(msg);
  if (!error) return decodeReply(endpoint, msg.string());
  switch (error.code) {
    case ErrorStatus.invalid_request:
      throw new BusError('invalid_request', error.message);
    case ErrorStatus.refused:
      throw new BusError('refused', error.message);
    case ErrorStatus.stopped:
      throw new BusError('no_responder', `${endpoint}: ${error.message}`);
    case ErrorStatus.unavailable:
      throw new BusError('unavailable', error.message);
    default:
      throw new BusError('remote_failed', error.message);
  }
}
