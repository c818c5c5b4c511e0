import { builtinModules } from 'node:module';
import path from 'node:path';
import {
  CONFIG_FILE,
  EXAMPLE_FILE,
  LAYERS,
  type LayerName,
  PLATFORMS,
  type PlatformName,
  TEST_ENTRY,
  TEST_FILE,
  TESTS_MAY_IMPORT,
} from './rules.ts';

export interface Project {
  name: string;
  /** `@progeny/core` */
  packageName: string;
  /** From the workspace's folder: `libs/core`. */
  root: string;
  layer: LayerName;
  platform: PlatformName;
  /** What its package.json lists, and what for. */
  dependencies: readonly string[];
  devDependencies: readonly string[];
}

export interface Source {
  project: Project;
  /** From the workspace's folder. */
  file: string;
  imports: readonly string[];
}

export interface Breach {
  file: string;
  imported: string;
  rule: string;
}

/** Node's own modules, with and without `node:`. */
const BUILT_IN = new Set(builtinModules);

/** What every source may use in its tests, though no project lists it. */
export interface Workspace {
  projects: readonly Project[];
  rootDevDependencies: readonly string[];
}

/** Every import that breaks a rule, with the rule in words. */
export function findBreaches(sources: readonly Source[], workspace: Workspace): Breach[] {
  const byPackage = new Map(workspace.projects.map((project) => [project.packageName, project]));
  return sources.flatMap((source) =>
    source.imports.flatMap((imported) => {
      const rule = breachOf(imported, source, { byPackage, rootDev: workspace.rootDevDependencies });
      return rule ? [{ file: source.file, imported, rule }] : [];
    }),
  );
}

interface Known {
  byPackage: ReadonlyMap<string, Project>;
  rootDev: readonly string[];
}

function breachOf(imported: string, source: Source, known: Known): string | null {
  if (imported.startsWith('.')) return breachOfRelative(imported, source);
  if (imported.startsWith('node:') || BUILT_IN.has(imported)) return breachOfBuiltIn(source);
  const packageName = packageOf(imported);
  const target = known.byPackage.get(packageName);
  if (target) return breachOfProject(imported, source, target);
  return breachOfOutside(packageName, source, known.rootDev);
}

const isProduct = ({ file }: Source): boolean => !TEST_FILE.test(file) && !CONFIG_FILE.test(file);
const isForTests = ({ project }: Source): boolean => project.layer === 'infra' || project.layer === 'e2e';

function breachOfRelative(imported: string, source: Source): string | null {
  const target = path.posix.join(path.posix.dirname(source.file), imported);
  if (!target.startsWith(`${source.project.root}/`)) {
    return 'another project is imported by its package name only';
  }
  if (isProduct(source) && !isForTests(source) && TEST_FILE.test(target)) {
    return 'product code does not import what is there for tests';
  }
  return null;
}

function breachOfBuiltIn(source: Source): string | null {
  const { platform } = source.project;
  if (PLATFORMS[platform].nodeModules || !isProduct(source)) return null;
  return `platform:${platform} does not import modules of Node.js`;
}

function breachOfProject(imported: string, source: Source, target: Project): string | null {
  const { project } = source;
  if (target === project) {
    return EXAMPLE_FILE.test(source.file) ? null : 'a project imports its own files by their path';
  }
  const allowed = [...LAYERS[project.layer].mayImport, ...(isProduct(source) ? [] : TESTS_MAY_IMPORT)];
  if (!allowed.includes(target.layer)) return `layer:${project.layer} does not import layer:${target.layer}`;
  if (isProduct(source) && !isForTests(source) && TEST_ENTRY.test(imported)) {
    return 'product code does not import what is there for tests';
  }
  const platforms = PLATFORMS[project.platform].mayImport;
  if (isProduct(source) && !platforms.includes(target.platform)) {
    return `platform:${project.platform} does not import platform:${target.platform}`;
  }
  const listed = [...project.dependencies, ...(isProduct(source) ? [] : project.devDependencies)];
  return listed.includes(target.packageName) ? null : notListed(source);
}

function breachOfOutside(packageName: string, source: Source, rootDev: readonly string[]): string | null {
  const { project } = source;
  if (!isProduct(source)) {
    const listed = [...project.dependencies, ...project.devDependencies, ...rootDev];
    return listed.includes(packageName) ? null : notListed(source);
  }
  const { outside } = LAYERS[project.layer];
  if (outside !== 'declared' && !outside.includes(packageName)) {
    const which = outside.length === 0 ? 'none' : outside.join(', ');
    return `layer:${project.layer} imports no outside package but: ${which}`;
  }
  return project.dependencies.includes(packageName) || isTool(source, packageName, rootDev)
    ? null
    : notListed(source);
}

/** The commands of the workspace use what the workspace lists. */
const isTool = ({ project }: Source, packageName: string, rootDev: readonly string[]): boolean =>
  project.layer === 'tool' && rootDev.includes(packageName);

const notListed = (source: Source): string =>
  `${source.project.root}/package.json does not list it${isProduct(source) ? ' under dependencies' : ''}`;

function packageOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
