import { type Installation, type InstallLog, installDebianPackage } from './apt-package.ts';
import { findNatsServer } from './find-nats-server.ts';

/** Installs Debian's `nats-server` package where the machine allows it; see installDebianPackage. */
export function installNatsServer({ log }: { log: InstallLog }): Promise<Installation> {
  return installDebianPackage({ name: 'nats-server', find: () => findNatsServer(), log });
}
