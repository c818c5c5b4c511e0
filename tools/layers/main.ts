/** `npm run layers`: every import against the layer rules. `--table` prints the rules instead. */
import { workspaceRoot } from '@progeny/infra';
import { findBreaches } from './find-breaches.ts';
import { findGraphBreaches } from './find-graph-breaches.ts';
import { layersTable } from './layers-table.ts';
import { readNxGraph, readSources, readWorkspace } from './read-workspace.ts';

if (process.argv.includes('--table')) {
  console.log(layersTable());
} else {
  const root = workspaceRoot();
  const graph = readNxGraph(root);
  const workspace = readWorkspace(root, graph);
  const sources = readSources(root, workspace);
  const breaches = [...findGraphBreaches(graph, workspace.projects), ...findBreaches(sources, workspace)];
  for (const { file, imported, rule } of breaches) console.error(`${file}\n  imports ${imported}: ${rule}`);
  const imports = sources.reduce((sum, source) => sum + source.imports.length, 0);
  const words = `${imports} imports of ${sources.length} files in ${workspace.projects.length} projects`;
  console.log(breaches.length === 0 ? `${words} keep the layers` : `${breaches.length} breaches in ${words}`);
  if (breaches.length > 0) process.exitCode = 1;
}
