const PLACE = /(<!-- table:([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The text with the table of each `<!-- table:NAME -->` … `<!-- end -->` written anew. Throws for an unknown name. */
export function fillTables(text: string, tables: Readonly<Record<string, () => string>>): string {
  return text.replace(PLACE, (_, start: string, name: string, end: string) => {
    const make = tables[name];
    if (!make) throw new Error(`there is no table called ${name}`);
    return `${start}${make()}\n${end}`;
  });
}
