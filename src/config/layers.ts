/**
 * The layers of a configuration. In: files below CODEX_HOME, the administrator's folder and the project, and the
 * session flags. Out: the layers, lowest precedence first, and the merged table. Keeps nothing between calls.
 */
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMissing, osErrorText } from '../base/os-error.ts';
import type { CliOverride } from './cli-overrides.ts';
import type { ConfigEnvironment } from './environment.ts';
import { ConfigError, faultInFile } from './errors.ts';
import { readConfigText } from './files.ts';
import { ancestorWith, foldersDown, mainRepositoryRoot } from './git-root.ts';
import { withoutNewer } from './newer.ts';
import { sessionFlags } from './overrides.ts';
import { resolvePathKeys } from './path-keys.ts';
import { type DefaultPolicies, limitPowers } from './powers.ts';
import { limitLogins } from './project-logins.ts';
import type { ConfigToml } from './shape.ts';
import { checkShape, keyLabel } from './shape-check.ts';
import { emptyTable, mergeInto, readToml, type TomlTable } from './toml.ts';
import { locateValue } from './toml-positions.ts';
import {
  defaultPolicies,
  disabledReason,
  isTrustedByName,
  type ProjectContext,
  type TrustTable,
  trustOfThread,
  trustTable,
} from './trust.ts';

/** A layer as clients name it; the tags are those of the wire. */
type LayerName =
  | { readonly type: 'system'; readonly file: string }
  | { readonly type: 'user'; readonly file: string }
  | { readonly type: 'project'; readonly dotCodexFolder: string }
  | { readonly type: 'sessionFlags' }
  | { readonly type: 'legacyManagedConfigTomlFromFile'; readonly file: string };

export interface StackLayer {
  readonly name: LayerName;
  /** With absolute paths. */
  readonly config: TomlTable;
  /** Why the layer is ignored; null for an active layer. */
  readonly disabledReason: string | null;
  /**
   * Settings of the file missing in `config`, because its folder may not give rights, or because they would redirect
   * logins.
   */
  readonly ignoredKeys: readonly string[];
  /** The file it was read from, for positions in messages; null without a file. */
  readonly source: { readonly path: string; readonly text: string } | null;
}

export interface LayerStack {
  /** Lowest precedence first. */
  readonly layers: readonly StackLayer[];
  readonly effective: TomlTable;
  readonly trust: TrustTable;
  /** The cwd's project root; the cwd itself if no marker is found, or null without a cwd. */
  readonly projectRoot: string | null;
}

export interface LayerRequest {
  readonly codexHome: string;
  /** Absolute; null leaves project layers out. */
  readonly cwd: string | null;
  readonly cliOverrides: readonly CliOverride[];
  readonly requestOverrides?: Readonly<Record<string, unknown>>;
}

const DEFAULT_ROOT_MARKERS: readonly string[] = ['.git'];

export const userConfigFile = (codexHome: string): string => join(codexHome, 'config.toml');

/** Throws ConfigError. With a cwd it checks the types, because project layers depend on them. */
export async function loadLayers(request: LayerRequest, environment: ConfigEnvironment): Promise<LayerStack> {
  const { codexHome, cwd } = request;
  const { systemFolder } = environment;
  const userFile = userConfigFile(codexHome);
  const managedFile = join(systemFolder ?? codexHome, 'managed_config.toml');
  const [system, user, managed] = await Promise.all([
    systemFolder === null ? null : readLayer(join(systemFolder, 'config.toml'), environment),
    readLayer(userFile, environment),
    readLayer(managedFile, environment),
  ]);
  const flags = sessionFlags(request.cliOverrides, request.requestOverrides ?? {});
  const below = [
    ...(systemFolder === null ? [] : [fileLayer({ type: 'system', file: join(systemFolder, 'config.toml') }, system)]),
    fileLayer({ type: 'user', file: userFile }, user),
  ];
  const above: readonly StackLayer[] = [
    ...(flags === null ? [] : [fileLayer({ type: 'sessionFlags' }, { config: flags, source: null })]),
    ...(managed === null ? [] : [fileLayer({ type: 'legacyManagedConfigTomlFromFile', file: managedFile }, managed)]),
  ];
  const withoutProject = mergeLayers([...below, ...above]);
  const trust = trustTable(withoutProject);
  if (cwd === null) return { layers: [...below, ...above], effective: withoutProject, trust, projectRoot: null };

  const { project_root_markers: markers } = typedConfig([...below, ...above], withoutProject);
  const projectRoot = (await ancestorWith(cwd, markers ?? DEFAULT_ROOT_MARKERS)) ?? cwd;
  const repositoryRoot = trust.size === 0 ? null : await mainRepositoryRoot(cwd);
  const context: ProjectContext = { trust, projectRoot, repositoryRoot, userFile };
  const found = await projectLayers(cwd, context, { codexHome, environment });
  const defaults = defaultPolicies(await trustOfThread(trust, cwd));
  const layers = [...below, ...limitedLayers(found, mergeLayers(below), { trust, defaults }), ...above];
  return { layers, effective: mergeLayers(layers), trust, projectRoot };
}

/** Only the session flags, for a start with unusable files. */
export function flagsOnly(request: LayerRequest): LayerStack {
  const flags = sessionFlags(request.cliOverrides, request.requestOverrides ?? {});
  const layers = flags === null ? [] : [fileLayer({ type: 'sessionFlags' }, { config: flags, source: null })];
  const effective = mergeLayers(layers);
  return { layers, effective, trust: trustTable(effective), projectRoot: request.cwd };
}

/**
 * The merged table as typed configuration. Throws ConfigError, with the position if the file of a layer is at fault.
 */
export function typedConfig(layers: readonly StackLayer[], effective: TomlTable): ConfigToml {
  const merged = checkShape(withoutNewer(effective));
  if (merged.ok) return merged.config;
  for (const { config, source } of layers.filter((layer) => layer.disabledReason === null)) {
    const alone = source === null ? null : checkShape(withoutNewer(config));
    if (source === null || alone === null || alone.ok) continue;
    throw faultInFile('type', source.path, locateValue(source.text, alone.fault.path), alone.fault.reason);
  }
  const label = keyLabel(merged.fault.path);
  throw new ConfigError('type', label === '' ? merged.fault.reason : `${merged.fault.reason}\nin \`${label}\`\n`);
}

interface ReadLayer {
  readonly config: TomlTable;
  readonly source: { readonly path: string; readonly text: string } | null;
}

const fileLayer = (name: LayerName, read: ReadLayer | null, reason: string | null = null): StackLayer => ({
  name,
  config: read?.config ?? emptyTable(),
  disabledReason: reason,
  ignoredKeys: [],
  source: read?.source ?? null,
});

function mergeLayers(layers: readonly StackLayer[]): TomlTable {
  const merged = emptyTable();
  for (const layer of layers) if (layer.disabledReason === null) mergeInto(merged, layer.config);
  return merged;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readConfigText(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw new ConfigError('io', `Failed to read config file ${path}: ${osErrorText(error)}`, { path, cause: error });
  }
}

async function readLayer(path: string, environment: ConfigEnvironment): Promise<ReadLayer | null> {
  const text = await textOf(path);
  if (text === null) return null;
  const read = readToml(text);
  if (!read.ok) throw faultInFile('syntax', path, read.fault.range, read.fault.reason);
  resolvePathKeys(read.table, dirname(path), environment.homeFolder);
  return { config: read.table, source: { path, text } };
}

/**
 * Outermost first: a folder that is not trusted by name cannot widen the rights of `below` and the folders above it.
 */
function limitedLayers(
  layers: readonly StackLayer[],
  below: TomlTable,
  { trust, defaults }: { readonly trust: TrustTable; readonly defaults: DefaultPolicies },
): readonly StackLayer[] {
  return layers.map((layer) => {
    if (layer.name.type !== 'project' || layer.disabledReason !== null) return layer;
    const isNamed = isTrustedByName(trust, dirname(layer.name.dotCodexFolder));
    const reduced = isNamed ? limitLogins(layer.config, below) : limitPowers(layer.config, below, defaults);
    const limited = { ...layer, ...reduced };
    mergeInto(below, limited.config);
    return limited;
  });
}

interface ProjectFiles {
  readonly codexHome: string;
  readonly environment: ConfigEnvironment;
}

/** One layer for each folder with a `.codex` directory, from the project root down to the cwd. */
async function projectLayers(
  cwd: string,
  context: ProjectContext,
  files: ProjectFiles,
): Promise<readonly StackLayer[]> {
  const layers = await Promise.all(
    foldersDown(context.projectRoot, cwd).map((folder) => projectLayer(folder, context, files)),
  );
  return layers.filter((layer) => layer !== null);
}

async function projectLayer(folder: string, context: ProjectContext, files: ProjectFiles): Promise<StackLayer | null> {
  const dotCodexFolder = join(folder, '.codex');
  if (!(await isOtherFolder(dotCodexFolder, files.codexHome))) return null;
  const name: LayerName = { type: 'project', dotCodexFolder };
  const path = join(dotCodexFolder, 'config.toml');
  const text = await textOf(path);
  if (text === null) return fileLayer(name, null);
  const reason = disabledReason(folder, context);
  const read = readToml(text);
  if (!read.ok) {
    if (reason !== null) return fileLayer(name, null, reason);
    const { line, column } = read.fault.range.start;
    const where = `line ${line}, column ${column}: ${read.fault.reason}`;
    throw new ConfigError('syntax', `Error parsing project config file ${path}: ${where}`);
  }
  resolvePathKeys(read.table, dotCodexFolder, files.environment.homeFolder);
  return fileLayer(name, { config: read.table, source: { path, text } }, reason);
}

/** Whether it is a directory, and not CODEX_HOME itself. */
async function isOtherFolder(path: string, codexHome: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) return false;
  return resolve(path) !== codexHome && (await realpath(path)) !== codexHome;
}
