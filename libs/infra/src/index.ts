export { findNatsServer } from './find-nats-server.ts';
export {
  type InstallNatsServerOptions,
  installNatsServer,
  type NatsInstallation,
} from './install-nats-server.ts';
export { isNatsAnswering } from './nats-answering.ts';
export {
  type NatsServer,
  NatsServerError,
  type NatsServerErrorCode,
  type ServerExit,
  type StartNatsServerOptions,
  startNatsServer,
} from './nats-server.ts';
