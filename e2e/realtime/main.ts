import { parseArgs } from 'node:util';
import { BROKEN_GATEWAYS } from './broken.ts';
import type { Finding } from './finding.ts';
import { LONG, SHORT } from './forms.ts';
import { PROOF_NAMES, PROOFS, type ProofName } from './proofs/proofs.ts';
import { openScene } from './scene.ts';

const HELP = `
Usage: npm run realtime [-- options] [proof ...]

Shows what the gateway promises, with real gateways, NATS and PostgreSQL, in full size: about ten minutes.

  --seed N   a run to be repeated; left out, a new one
  --short    the sizes of npm test
  --broken   instead, in short: gateways with one thing wrong, each of which its proof has to see

Proofs, all of them when none is named: ${PROOF_NAMES.join(', ')}
`;

const FAULTS_SHOWN = 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    short: { type: 'boolean', default: false },
    broken: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const isProof = (name: string): name is ProofName => PROOF_NAMES.some((known) => known === name);
const wanted = positionals.length > 0 ? positionals.filter(isProof) : PROOF_NAMES;
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
if (values.help) {
  console.log(HELP.trim());
  process.exit(0);
}
if (!Number.isSafeInteger(seed) || wanted.length < positionals.length) {
  console.error(HELP.trim());
  process.exit(2);
}
console.log(`seed ${seed}`);

// Everything that was started ends with this process when it exits, and not when a signal ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exit((await (values.broken ? tryBroken() : proveAll())) ? 0 : 1);

async function proveAll(): Promise<boolean> {
  const scene = await openScene(seed);
  let isSound = true;
  try {
    for (const name of wanted) {
      const startedMs = Date.now();
      const finding = await PROOFS[name](scene, values.short ? SHORT : LONG);
      print(finding, Date.now() - startedMs);
      isSound &&= finding.faults.length === 0;
    }
    for (const how of scene.ownEnds) console.log(`✗ ${how}`);
    return isSound && scene.ownEnds.length === 0;
  } finally {
    await scene.close();
  }
}

async function tryBroken(): Promise<boolean> {
  let unseen = 0;
  for (const broken of BROKEN_GATEWAYS) {
    if (!wanted.includes(broken.seenBy)) continue;
    const scene = await openScene(seed, broken);
    const { faults } = await PROOFS[broken.seenBy](scene, SHORT).finally(() => scene.close());
    if (faults.length === 0) unseen += 1;
    console.log(
      `${faults.length > 0 ? '✓' : '✗'} ${broken.name}: ${faults[0] ?? `not seen by ${broken.seenBy}`}`,
    );
  }
  return unseen === 0;
}

function print({ name, faults, numbers }: Finding, tookMs: number): void {
  console.log(`\n${faults.length === 0 ? '✓' : '✗'} ${name} (${Math.round(tookMs / 1_000)} s)`);
  for (const [what, number] of Object.entries(numbers)) {
    console.log(`  ${number.toLocaleString('en').padStart(12)}  ${what}`);
  }
  for (const fault of faults.slice(0, FAULTS_SHOWN)) console.log(`  ${fault}`);
  if (faults.length > FAULTS_SHOWN) console.log(`  and ${faults.length - FAULTS_SHOWN} more`);
}
