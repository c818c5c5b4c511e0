/**
 * `node tools/bundle.mjs apps/manager` writes apps/manager/dist/main.js: one ES module with every workspace
 * package inside (tsconfig `paths` resolve first) and every outside package left as an import.
 */
import path from 'node:path';
import { build } from 'esbuild';

// Generated code may still ask for what CommonJS has and an ES module has not.
const banner = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `import { fileURLToPath as __fileURLToPath } from 'node:url';`,
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  `const __dirname = __fileURLToPath(new URL('.', import.meta.url));`,
].join('');

/**
 * Rejects when esbuild does, which has printed why.
 * @param {{ entry: string, outfile: string, tsconfig: string, plugins?: import('esbuild').Plugin[] }} options
 */
export async function bundle({ entry, outfile, tsconfig, plugins = [] }) {
  await build({
    entryPoints: [entry],
    outfile,
    tsconfig,
    plugins,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: true,
    banner: { js: banner },
    logLevel: 'warning',
  });
}

if (path.basename(process.argv[1] ?? '') === 'bundle.mjs') {
  const [projectRoot] = process.argv.slice(2);
  if (!projectRoot) {
    console.error('usage: node tools/bundle.mjs <project folder>');
    process.exit(2);
  }
  bundle({
    entry: path.join(projectRoot, 'src/main.ts'),
    outfile: path.join(projectRoot, 'dist/main.js'),
    tsconfig: path.join(projectRoot, 'tsconfig.json'),
  }).catch(() => {
    process.exitCode = 1; // esbuild has printed what is wrong
  });
}
