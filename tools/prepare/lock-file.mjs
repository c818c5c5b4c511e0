/**
 * A lock file has to name the packages of every platform, or `npm ci` refuses it and other platforms miss theirs. npm
 * leaves out what it could not reach or did not need when it wrote the file; `npm run lock` puts that back.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** The optional packages that some package of the lock file asks for and that it does not name. */
export function missingOptionals(packages) {
  return Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !resolve(packages, parent, name))
      .map(([name, range]) => ({ parent, name, range })),
  );
}

/** The lock file's packages with those that were missing. Throws for one whose version or platform is not exact. */
export function withMissingOptionals(packages) {
  const added = missingOptionals(packages).map(({ parent, name, range }) => {
    const platform = platformOf(name);
    if (!/^\d+\.\d+\.\d+/.test(range) || !platform) {
      throw new Error(`${parent} wants ${name} ${range}, of which no entry can be made`);
    }
    const { dev, devOptional, peer } = packages[parent];
    return [`node_modules/${name}`, { version: range, ...platform, dev, devOptional, peer, optional: true }];
  });
  const entries = [...Object.entries(packages), ...added];
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Where Node.js would find the package from inside the parent. */
function resolve(packages, parent, name) {
  for (let folder = parent; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    const place = `${folder}${folder && '/'}node_modules/${name}`;
    if (packages[place]) return place;
    if (folder === '') return null;
  }
}

/** Packages of one platform say so in their name: `@swc/core-linux-arm-gnueabihf`. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = OS.find((word) => words.includes(word));
  const cpu = CPU.find((word) => words.includes(word));
  if (!os || !cpu) return null;
  const libc = os !== 'linux' ? null : /musl/.test(name) ? 'musl' : /gnu/.test(name) ? 'glibc' : null;
  return { cpu: [cpu], ...(libc && { libc: [libc] }), os: [os] };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = new URL('../../package-lock.json', import.meta.url);
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const packages = withMissingOptionals(lock.packages);
  const added = Object.keys(packages).length - Object.keys(lock.packages).length;
  if (added > 0) writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  console.log(added > 0 ? `${added} packages of other platforms added` : 'every platform has its packages');
}
