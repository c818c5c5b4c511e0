import { table } from '../docs/markdown-table.ts';
import { LAYER_NAMES, LAYERS } from './rules.ts';

/** The rules as the table in ARCHITECTURE.md. */
export function layersTable(): string {
  return table(
    ['layer', 'what it is', 'may import', 'outside packages'],
    LAYER_NAMES.map((name) => {
      const { what, mayImport, outside } = LAYERS[name];
      const packages = outside === 'declared' ? 'those it lists' : outside.join(', ') || 'none';
      return [`\`${name}\``, what, mayImport.join(', '), packages];
    }),
  );
}
