import { crowding } from '../crowding.ts';
import { type Build, buildServices } from '../stack/build-services.ts';
import { BROKEN_BUILDS } from './broken-builds.ts';
import { tryBroken, tryBuild } from './try-build.ts';

jest.setTimeout(240_000);

const SEED = 1;
const SHORT = BROKEN_BUILDS.filter(({ isShort }) => isShort);

let sound: { files: Partial<Build>; remove(): void };
beforeAll(async () => {
  sound = await buildServices();
});
afterAll(() => sound?.remove());

test.each(SHORT.map((broken) => [broken.name, broken.caughtBy, broken] as const))(
  '%s is seen by the checker of %s',
  async (_name, _caughtBy, broken) => {
    expect(await tryBroken(sound.files as Build, broken, SEED)).not.toEqual([]);
  },
);

test('no checker finds anything in the same time in the product as it is', async () => {
  const { all } = await tryBuild({
    build: sound.files as Build,
    seed: SEED,
    chaos: { dropped: 0.3, doubled: 0.3, delayMaxMs: 100 },
    // Other tests run beside it.
    stretch: crowding,
    isEnough: () => false,
  });
  expect(all).toEqual([]);
});
