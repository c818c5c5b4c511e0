const PLACE = /(<!-- table:([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The text with the table of each `<!-- table:NAME -->` … `<!-- end -->` written anew. Rejects for an unknown name. */
export async function fillTables(
  text: string,
  tables: Readonly<Record<string, () => string | Promise<string>>>,
): Promise<string> {
  const parts: string[] = [];
  let at = 0;
  for (const place of text.matchAll(PLACE)) {
    const [whole, start = '', name = '', end = ''] = place;
    const make = tables[name];
    if (!make) throw new Error(`there is no table called ${name}`);
    parts.push(text.slice(at, place.index), `${start}${await make()}\n${end}`);
    at = place.index + whole.length;
  }
  return parts.join('') + text.slice(at);
}
