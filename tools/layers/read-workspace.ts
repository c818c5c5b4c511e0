import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Project, Source, Workspace } from './find-breaches.ts';
import { readImports } from './read-imports.ts';
import { LAYER_NAMES, PLATFORM_NAMES } from './rules.ts';

/** What Nx knows of the workspace: `nx graph --file`. */
export interface NxGraph {
  nodes: Record<string, { data: { root: string; tags?: string[] } }>;
  dependencies: Record<string, { source: string; target: string }[]>;
}

export function readNxGraph(root: string): NxGraph {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-graph-'));
  try {
    const file = path.join(folder, 'graph.json');
    execFileSync(
      process.execPath,
      [path.join(root, 'node_modules/nx/dist/bin/nx.js'), 'graph', `--file=${file}`],
      { cwd: root, env: { ...process.env, NX_DAEMON: 'false' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    return JSON.parse(readFileSync(file, 'utf8')).graph;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export class TagError extends Error {
  readonly code = 'bad_tags';
}

/** The projects with their tags. Throws TagError for one without exactly one known layer and platform. */
export function readWorkspace(root: string, graph: NxGraph): Workspace {
  const projects = Object.entries(graph.nodes).map(([name, { data }]): Project => {
    const manifest = readManifest(path.join(root, data.root));
    return {
      name,
      packageName: manifest.name ?? name,
      root: data.root,
      layer: tagOf(name, data.tags ?? [], { kind: 'layer', known: LAYER_NAMES }),
      platform: tagOf(name, data.tags ?? [], { kind: 'platform', known: PLATFORM_NAMES }),
      dependencies: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
      devDependencies: Object.keys(manifest.devDependencies ?? {}),
    };
  });
  return { projects, rootDevDependencies: Object.keys(readManifest(root).devDependencies ?? {}) };
}

interface Manifest {
  name?: string;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));

function tagOf<Name extends string>(
  project: string,
  tags: readonly string[],
  { kind, known }: { kind: string; known: readonly Name[] },
): Name {
  const given = tags.filter((tag) => tag.startsWith(`${kind}:`)).map((tag) => tag.slice(kind.length + 1));
  const name = known.find((candidate) => candidate === given[0]);
  if (given.length === 1 && name !== undefined) return name;
  const found = given.length === 0 ? 'none' : given.join(', ');
  throw new TagError(`${project} needs one ${kind}: tag of ${known.join(', ')}; it has ${found}`);
}

const NOT_SOURCES = new Set(['node_modules', 'dist', 'generated']);

/** Every TypeScript file of the projects, with what it imports. */
export function readSources(root: string, { projects }: Workspace): Source[] {
  return projects.flatMap((project) =>
    filesBelow(root, project.root).map((file) => ({
      project,
      file,
      imports: readImports(readFileSync(path.join(root, file), 'utf8'), file),
    })),
  );
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return NOT_SOURCES.has(entry.name) ? [] : filesBelow(root, name);
    return /\.tsx?$/.test(entry.name) ? [name] : [];
  });
}
