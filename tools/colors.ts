import pc from 'picocolors';

/** For a terminal only: a log of continuous integration stays plain. */
export const colors = pc.createColors(process.stdout.isTTY === true && !process.env.NO_COLOR);
