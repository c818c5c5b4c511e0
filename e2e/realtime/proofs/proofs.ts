import type { Finding } from '../finding.ts';
import type { Form } from '../forms.ts';
import type { Scene } from '../scene.ts';
import { proveInterest } from './interest.ts';
import { proveCuts, proveKills } from './lifecycle.ts';
import { proveBusOutage, proveLedgerOutage } from './outages.ts';
import { provePaused } from './paused.ts';
import { proveRestart } from './restart.ts';
import { proveStalled } from './stalled.ts';

/** Every proof by the name that picks it. */
export const PROOFS = {
  interest: (scene: Scene, form: Form): Promise<Finding> => proveInterest(scene, form.interest),
  kills: (scene: Scene, form: Form): Promise<Finding> => proveKills(scene, form.kills),
  cuts: (scene: Scene, form: Form): Promise<Finding> => proveCuts(scene, form.cuts),
  restart: (scene: Scene, form: Form): Promise<Finding> => proveRestart(scene, form.restart),
  paused: (scene: Scene, form: Form): Promise<Finding> => provePaused(scene, form.paused),
  stalled: (scene: Scene, form: Form): Promise<Finding> => proveStalled(scene, form.stalled),
  'bus-outage': (scene: Scene, form: Form): Promise<Finding> => proveBusOutage(scene, form.busOutage),
  'ledger-outage': (scene: Scene, form: Form): Promise<Finding> =>
    proveLedgerOutage(scene, form.ledgerOutage),
} as const;
export type ProofName = keyof typeof PROOFS;
export const PROOF_NAMES = Object.keys(PROOFS) as ProofName[];
