/**
 * `node tools/package.mjs libs/client` writes libs/client/dist: a package that `npm publish` takes as it is. One ES
 * module with the workspace's own code inside and all other packages outside, the types beside it, README and license.
 * The project names in package.json what the package says of itself, and in tsconfig.build.json what its types are.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const workspace = fileURLToPath(new URL('..', import.meta.url));
const typescript = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The packages that it needs from outside; those of the workspace are inside. */
const outsideOf = ({ dependencies = {} }) =>
  Object.fromEntries(Object.entries(dependencies).filter(([name]) => !name.startsWith('@progeny/')));

/** What the world reads; targets, tags and development dependencies are the workspace's own. */
function manifestOf(project, root) {
  const { name, version, description, keywords, sideEffects, engines, peerDependencies } = project;
  const dependencies = outsideOf(project);
  return {
    name,
    version,
    description,
    keywords,
    license: root.license,
    type: 'module',
    sideEffects,
    engines: engines ?? root.engines,
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    types: './index.d.ts',
    dependencies: Object.keys(dependencies).length > 0 ? dependencies : undefined,
    peerDependencies,
  };
}

/** In declarations TypeScript leaves the paths of its sources; in a package there are none. */
function pointToDeclarations(folder) {
  for (const entry of readdirSync(folder, { recursive: true })) {
    const file = path.join(folder, String(entry));
    if (!file.endsWith('.d.ts')) continue;
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/(from\s+|import\()(['"])(\.[^'"]*)\.tsx?\2/g, '$1$2$3.js$2'));
  }
}

/** Removes the declarations that the package's own does not lead to. */
function keepPublicDeclarations(folder) {
  const kept = new Set();
  const keep = (file) => {
    if (kept.has(file)) return;
    kept.add(file);
    for (const [, from] of readFileSync(file, 'utf8').matchAll(
      /(?:from\s+|import\()['"](\.[^'"]*)\.js['"]/g,
    )) {
      keep(path.join(path.dirname(file), `${from}.d.ts`));
    }
  };
  keep(path.join(folder, 'index.d.ts'));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (file.endsWith('.d.ts') && !kept.has(file)) rmSync(file);
  }
}

/** Rejects when esbuild or TypeScript finds a fault. */
export async function buildPackage(projectRoot, outdir = path.join(projectRoot, 'dist')) {
  const project = readJson(path.join(projectRoot, 'package.json'));
  const root = readJson(path.join(workspace, 'package.json'));
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    entryPoints: [path.join(projectRoot, 'src/index.ts')],
    outfile: path.join(outdir, 'index.js'),
    tsconfig: path.join(projectRoot, 'tsconfig.json'),
    external: Object.keys({ ...project.peerDependencies, ...outsideOf(project) }).flatMap((name) => [
      name,
      `${name}/*`,
    ]),
    bundle: true,
    format: 'esm',
    platform: project.nx.tags.includes('platform:node') ? 'node' : 'neutral',
    target: 'es2022',
    jsx: 'automatic',
    sourcemap: true,
    logLevel: 'warning',
  });
  const config = path.join(projectRoot, 'tsconfig.build.json');
  execFileSync(process.execPath, [typescript, '-p', config, '--outDir', outdir], { stdio: 'inherit' });
  pointToDeclarations(outdir);
  keepPublicDeclarations(outdir);
  writeFileSync(path.join(outdir, 'package.json'), `${JSON.stringify(manifestOf(project, root), null, 2)}\n`);
  copyFileSync(path.join(projectRoot, 'README.md'), path.join(outdir, 'README.md'));
  copyFileSync(path.join(workspace, 'LICENSE'), path.join(outdir, 'LICENSE'));
}

if (path.basename(process.argv[1] ?? '') === 'package.mjs') {
  const [projectRoot, outdir] = process.argv.slice(2);
  if (!projectRoot) {
    console.error('usage: node tools/package.mjs <project folder> [<where to>]');
    process.exit(2);
  }
  buildPackage(projectRoot, outdir).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
