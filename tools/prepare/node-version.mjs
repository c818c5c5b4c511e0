const NEEDED = [20, 19];

/** What to say when this Node.js is too old, else null. */
export function nodeVersionFault(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  return isEnough
    ? null
    : `Progeny needs Node.js ${NEEDED.join('.')} or newer; this is ${version}. Get one at https://nodejs.org/`;
}
