import { LIMITS } from '@progeny/contract';
import { normalizeUrl } from '@progeny/core';
import { Parser } from 'htmlparser2';

export interface ParsedPage {
  title: string | null;
  /** What a reader sees, in one line. */
  text: string;
  /** Normalised, each once, in the order of the page. */
  links: string[];
}

const TITLE_MAX_CHARS = 500;
const HREF_MAX_CHARS = 2_048;
const HREFS_MAX = 10_000;
/** Browsers stop at 512. Deeper nesting only occurs where somebody wants the parser to take for ever. */
const NESTING_MAX = 1_000;
const INVISIBLE: ReadonlySet<string> = new Set(
  'script style noscript template svg math iframe object select textarea'.split(' '),
);
const INLINE: ReadonlySet<string> = new Set(
  'a abbr b bdi bdo cite code data dfn em font i kbd mark q s samp small span strong sub sup time u var wbr'.split(
    ' ',
  ),
);

/**
 * Reads title, visible text and links in one pass, without building a tree: time and memory stay proportional to
 * the page, however it is nested.
 *
 * `rel=nofollow` and `<meta name="robots" content="nofollow">` are respected: that is how sites mark calendars,
 * filters and other bottomless pits. A canonical link is ignored: every address is its own page here.
 */
export function parsePage(html: string, pageUrl: string): ParsedPage {
  const text = createFoldedText(LIMITS.pageTextMaxChars);
  const title = createFoldedText(TITLE_MAX_CHARS);
  const hrefs = new Set<string>();
  let base: string | null = null;
  let follows = true;
  let depth = 0;
  let invisibleFrom: number | null = null;
  let titles = 0;
  let inTitle = false;

  const parser = new Parser({
    onopentag(name, attributes) {
      depth += 1;
      if (depth > NESTING_MAX) return parser.pause();
      const { href } = attributes;
      if (name === 'base' && href) base ??= normalizeUrl(href, pageUrl);
      if (isNofollowMeta(name, attributes)) follows = false;
      if (isFollowedLink(name, attributes) && href && href.length <= HREF_MAX_CHARS) {
        if (hrefs.size < HREFS_MAX) hrefs.add(href);
      }
      if (invisibleFrom === null && INVISIBLE.has(name)) invisibleFrom = depth;
      if (name === 'title' && invisibleFrom === null) {
        titles += 1;
        inTitle = true;
      }
      if (!INLINE.has(name)) text.add(' ');
    },
    ontext(piece) {
      if (inTitle) {
        if (titles === 1) title.add(piece);
      } else if (invisibleFrom === null) text.add(piece);
    },
    onclosetag(name) {
      if (invisibleFrom === depth) invisibleFrom = null;
      if (name === 'title') inTitle = false;
      if (!INLINE.has(name)) text.add(' ');
      depth -= 1;
    },
  });
  parser.write(html);
  if (depth <= NESTING_MAX) parser.end();

  return {
    title: title.toString() || null,
    text: text.toString(),
    links: follows ? normalizeAll(hrefs, base ?? pageUrl) : [],
  };
}

type Attributes = Readonly<Record<string, string>>;

const isNofollow = (value: string | undefined): boolean =>
  value !== undefined && /(^|[\s,])(nofollow|none)([\s,]|$)/i.test(value);

const isNofollowMeta = (name: string, attributes: Attributes): boolean =>
  name === 'meta' && attributes.name?.toLowerCase() === 'robots' && isNofollow(attributes.content);

const isFollowedLink = (name: string, attributes: Attributes): boolean =>
  (name === 'a' || name === 'area') && !isNofollow(attributes.rel);

function normalizeAll(hrefs: Iterable<string>, base: string): string[] {
  const links = new Set<string>();
  for (const href of hrefs) {
    const url = normalizeUrl(href, base);
    if (url !== null && url.length <= LIMITS.childKeyMaxBytes) links.add(url);
  }
  return [...links];
}

/** Text in which any run of white space is one space, and which takes no more than `maxChars`. */
function createFoldedText(maxChars: number): { add(piece: string): void; toString(): string } {
  // Pieces, and not one string that is looked at again and again: that would be copied each time.
  const pieces: string[] = [];
  let length = 0;
  let endsInSpace = true;
  return {
    add(piece) {
      if (length >= maxChars) return;
      const folded = piece.replaceAll(/\s+/g, ' ');
      const addition = endsInSpace ? folded.trimStart() : folded;
      if (addition === '') return;
      pieces.push(addition);
      length += addition.length;
      endsInSpace = addition.endsWith(' ');
    },
    toString: () => pieces.join('').slice(0, maxChars).trimEnd(),
  };
}
