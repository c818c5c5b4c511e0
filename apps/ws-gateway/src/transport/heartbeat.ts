/** The longest between two looks; a look is at a share of all, so that thousands are not asked in one go. */
const LOOK_EVERY_MS = 100;

/** Looks at each member about once in `everyMs`, spread evenly over that time. The answer ends it. */
export function createHeartbeat<Member>(
  members: ReadonlySet<Member>,
  { everyMs, look }: { everyMs: number; look: (member: Member) => void },
): () => void {
  const stepMs = Math.min(LOOK_EVERY_MS, everyMs);
  // A set's iterator goes on over members that came after it began.
  let rest = members.values();
  const timer = setInterval(() => {
    let due = Math.ceil(members.size * (stepMs / everyMs));
    while (due > 0) {
      const { value, done } = rest.next();
      if (done) {
        rest = members.values();
        return;
      }
      look(value);
      due -= 1;
    }
  }, stepMs);
  return () => clearInterval(timer);
}
