import { type Build, buildServices } from '../stack/build-services.ts';
import { type CommandScene, openCommandScene } from './command-scene.ts';
import { COMMAND_PROOFS } from './proofs.ts';

jest.setTimeout(180_000);

const CHILDREN = 3_000;

let build: { files: Partial<Build>; remove(): void };
let scene: CommandScene;
beforeAll(async () => {
  build = await buildServices();
  scene = await openCommandScene(build.files as Build, { seed: 1, patienceMs: 90_000 });
});
afterAll(async () => {
  await scene?.close();
  build?.remove();
});

test.each(Object.entries(COMMAND_PROOFS))(
  '%s finishes by itself when whoever carries it out is killed in the middle',
  async (_name, prove) => {
    const { faults, movedBefore } = await prove(scene, CHILDREN);
    expect(faults).toEqual([]);
    expect(movedBefore).toBeGreaterThan(0);
  },
);
