import type { Breach, Project } from './find-breaches.ts';
import type { NxGraph } from './read-workspace.ts';
import { LAYERS, TESTS_MAY_IMPORT } from './rules.ts';

/**
 * The same rules on Nx's own graph, which also knows what only a package.json says. It does not tell tests from
 * product code: the imports themselves do.
 */
export function findGraphBreaches(graph: NxGraph, projects: readonly Project[]): Breach[] {
  const byName = new Map(projects.map((project) => [project.name, project]));
  return Object.values(graph.dependencies)
    .flat()
    .flatMap((edge) => {
      const source = byName.get(edge.source);
      const target = byName.get(edge.target);
      if (!source || !target) return []; // a package from npm
      const allowed = [...LAYERS[source.layer].mayImport, ...TESTS_MAY_IMPORT];
      if (allowed.includes(target.layer)) return [];
      const rule = `layer:${source.layer} does not depend on layer:${target.layer}`;
      return [{ file: `${source.root}/package.json`, imported: target.packageName, rule }];
    });
}
