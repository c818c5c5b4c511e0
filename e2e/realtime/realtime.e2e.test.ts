import { SHORT } from './forms.ts';
import { PROOF_NAMES, PROOFS } from './proofs/proofs.ts';
import { openScene, type Scene } from './scene.ts';

jest.setTimeout(120_000);

/** The same each time: `npm run realtime` is where others are tried, in full size. */
const SEED = 1;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(SEED);
});
afterAll(() => scene?.close());

test.each(PROOF_NAMES)('%s: nothing is wrong', async (name) => {
  const { faults, numbers } = await PROOFS[name](scene, SHORT);
  expect({ faults: faults.slice(0, 20), numbers }).toEqual({ faults: [], numbers });
  expect(scene.ownEnds).toEqual([]);
});
