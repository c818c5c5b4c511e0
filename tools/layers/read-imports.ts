import { parseSync } from '@swc/core';

const CARRIERS = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'TsImportType',
  'TsExternalModuleReference',
]);

/** Every module that a source names: static and dynamic imports, re-exports, types and `require`. */
export function readImports(source: string, file: string): string[] {
  const found = new Set<string>();
  const tsx = file.endsWith('x');
  walk(parseSync(source, { syntax: 'typescript', tsx, target: 'es2022' }), found);
  return [...found];
}

function walk(node: unknown, found: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, found);
    return;
  }
  if (!isNode(node)) return;
  if (CARRIERS.has(node.type)) add(node.source ?? node.argument ?? node.expression, found);
  if (node.type === 'CallExpression' && isImporter(node.callee)) {
    const [first] = Array.isArray(node.arguments) ? node.arguments : [];
    add(first?.expression, found);
  }
  for (const child of Object.values(node)) walk(child, found);
}

type AstNode = { type: string } & Record<string, unknown>;

const isNode = (value: unknown): value is AstNode =>
  typeof value === 'object' && value !== null && (!('type' in value) || typeof value.type === 'string');

const isImporter = (callee: unknown): boolean =>
  isNode(callee) &&
  (callee.type === 'Import' || (callee.type === 'Identifier' && callee.value === 'require'));

function add(literal: unknown, found: Set<string>): void {
  if (isNode(literal) && literal.type === 'StringLiteral' && typeof literal.value === 'string') {
    found.add(literal.value);
  }
}
