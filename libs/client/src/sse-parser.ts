/** One event is cut off beyond this: what is longer is not of this protocol. */
const EVENT_MAX_CHARS = 1_048_576;

/** Feeds text of an event stream in whatever pieces; `onData` gets the data of each whole event. */
export function createSseParser(onData: (data: string) => void): (text: string) => void {
  let rest = '';
  let data: string[] = [];

  const readLine = (line: string): void => {
    if (line === '') {
      if (data.length > 0) onData(data.join('\n'));
      data = [];
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line[5] === ' ' ? 6 : 5));
    }
  };
  return (text) => {
    rest += text;
    // A carriage return at the end may be the first half of a line break.
    const whole = rest.endsWith('\r') ? rest.length - 1 : rest.length;
    const lines = rest.slice(0, whole).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + rest.slice(whole);
    for (const line of lines) readLine(line);
    if (rest.length > EVENT_MAX_CHARS) throw new RangeError('an event of the stream is too long');
  };
}
