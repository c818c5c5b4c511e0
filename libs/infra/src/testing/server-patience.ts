/** Set up in the suites with real servers: the first database of a run takes seconds on a busy machine. */
jest.setTimeout(30_000);
