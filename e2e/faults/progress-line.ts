import type { Violations } from './checkers/violations.ts';
import type { Scene } from './scene.ts';

const EVERY_MS = 1_000;
/** Where there is no terminal a line each time would be a flood. */
const EVERY_LOGGED_MS = 30_000;

/** One line that tells how the run is going, written over in a terminal; and each violation when it is found. */
export function progressLine(out: NodeJS.WriteStream = process.stdout) {
  const startedMs = Date.now();
  let timer: NodeJS.Timeout | undefined;
  let faults = 0;
  let now = 'starting';
  let tellFound = () => {};
  const write = (text: string) =>
    out.write(out.isTTY ? `\r\x1b[2K${text.slice(0, out.columns - 1)}` : `${text}\n`);

  return {
    fault(name: string) {
      faults += 1;
      now = name;
    },
    start({ load, snapshots }: Scene, violations: Violations) {
      let told = 0;
      tellFound = () => {
        for (const { checker, what } of violations.all.slice(told)) out.write(`\n${checker}: ${what}\n`);
        told = violations.all.length;
      };
      const tell = () => {
        tellFound();
        const seconds = Math.round((Date.now() - startedMs) / 1_000);
        const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
        const { parents, children } = load.accepted;
        write(
          `${time}  ${faults} rounds, ${parents.size} parents, ${children.size} children, ` +
            `${snapshots.frames} frames, ${violations.count} violations  ${now}`,
        );
      };
      timer = setInterval(tell, out.isTTY ? EVERY_MS : EVERY_LOGGED_MS);
    },
    end() {
      tellFound();
      if (timer && out.isTTY) out.write('\n');
      clearInterval(timer);
      timer = undefined;
    },
  };
}
