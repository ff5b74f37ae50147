/**
 * Resolves the feature switches. In: typed configuration and the profile. Out: all switches, deprecation notices, a
 * warning list.
 */
import type { Deprecation } from '../contract/effective-config.ts';
import {
  FEATURE_NAMES,
  FEATURES,
  type FeatureName,
  isFeatureName,
  isLegacyFeatureName,
  LEGACY_FEATURES,
} from '../contract/feature-names.ts';
import type { ConfigToml, ProfileToml } from './shape.ts';
import { byteOrder } from './shape-check.ts';

export interface ResolvedFeatures {
  readonly features: Readonly<Record<FeatureName, boolean>>;
  readonly deprecations: readonly Deprecation[];
  readonly unstable: readonly FeatureName[];
}

/** `alias` orders the notices. */
interface LegacyUse {
  readonly alias: string;
  readonly notice: Deprecation;
}

/**
 * Later steps win: old top-level keys, `[features]`, old profile keys, the profile's features, the request. The
 * request has one switch under its old name; undefined keeps the value.
 */
export function resolveFeatures(
  config: ConfigToml,
  profile: ProfileToml,
  includeApplyPatchTool: boolean | undefined,
): ResolvedFeatures {
  const switches = new Switches();
  switches.legacyKeys(config, config.tools?.web_search ?? config.tools?.web_search_request);
  switches.table(config.features ?? {});
  switches.legacyKeys(profile, profile.tools_web_search);
  switches.legacy('include_apply_patch_tool', profile.include_apply_patch_tool);
  switches.table(profile.features ?? {});
  switches.legacy('include_apply_patch_tool', includeApplyPatchTool);
  return {
    features: switches.values(),
    deprecations: switches.notices(),
    unstable: config.suppress_unstable_features_warning === true ? [] : unstableIn(config.features ?? {}),
  };
}

const isComplete = (values: Partial<Record<FeatureName, boolean>>): values is Record<FeatureName, boolean> =>
  FEATURE_NAMES.every((name) => values[name] !== undefined);

function defaults(): Record<FeatureName, boolean> {
  const values: Partial<Record<FeatureName, boolean>> = {};
  for (const name of FEATURE_NAMES) values[name] = FEATURES[name].enabled;
  if (!isComplete(values)) throw new TypeError('the table of features has a row without a value');
  return values;
}

class Switches {
  readonly #values = defaults();
  readonly #uses = new Map<string, LegacyUse>();

  values(): Record<FeatureName, boolean> {
    return { ...this.#values };
  }

  notices(): readonly Deprecation[] {
    return [...this.#uses.values()].sort((a, b) => byteOrder(a.alias, b.alias)).map((use) => use.notice);
  }

  legacyKeys(
    keys: {
      experimental_use_unified_exec_tool?: boolean | undefined;
      experimental_use_freeform_apply_patch?: boolean | undefined;
    },
    webSearch: boolean | undefined,
  ): void {
    this.legacy('experimental_use_unified_exec_tool', keys.experimental_use_unified_exec_tool);
    this.legacy('experimental_use_freeform_apply_patch', keys.experimental_use_freeform_apply_patch);
    if (webSearch === undefined) return;
    this.#values.web_search_request = webSearch;
    this.#noteWebSearch('tools.web_search', '[tools].web_search');
  }

  legacy(alias: keyof typeof LEGACY_FEATURES, value: boolean | undefined): void {
    if (value === undefined) return;
    this.#values[LEGACY_FEATURES[alias]] = value;
    if (alias === 'web_search') this.#noteWebSearch(alias, '[features].web_search');
    else this.#noteRenamed(alias, LEGACY_FEATURES[alias]);
  }

  table(features: Readonly<Record<string, boolean>>): void {
    for (const [key, value] of Object.entries(features).sort(([a], [b]) => byteOrder(a, b))) {
      if (isLegacyFeatureName(key)) this.legacy(key, value);
      if (!isFeatureName(key)) continue;
      this.#values[key] = value;
      if (FEATURES[key].stage === 'deprecated') this.#noteWebSearch(`features.${key}`, `[features].${key}`);
    }
  }

  #noteRenamed(alias: string, name: FeatureName): void {
    this.#uses.set(alias, {
      alias,
      notice: {
        summary: `\`${alias}\` is deprecated. Use \`[features].${name}\` instead.`,
        details: `Set \`${name}\` below \`[features]\` in config.toml, or start the server with \`--enable ${name}\`.`,
      },
    });
  }

  #noteWebSearch(alias: string, displayedKey: string): void {
    this.#uses.set(alias, {
      alias,
      notice: {
        summary: `\`${displayedKey}\` is deprecated. Use \`web_search\` instead.`,
        details: 'The key `web_search` of config.toml takes "live", "cached" or "disabled".',
      },
    });
  }
}

const unstableIn = (features: Readonly<Record<string, boolean>>): readonly FeatureName[] =>
  Object.keys(features)
    .filter(isFeatureName)
    .filter((name) => features[name] === true && FEATURES[name].stage === 'underDevelopment')
    .sort(byteOrder);
