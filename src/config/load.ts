/**
 * Configuration for one use. In: the process's overrides, a request's overrides, files on disk (read again each
 * time). Out: EffectiveConfig, plain data. Owns no state. Throws only ConfigError for mistakes of the user.
 */
import { resolve } from 'node:path';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import { type CliOverride, featureOverrides } from './cli-overrides.ts';
import { derive, type TypedOverrides } from './derive.ts';
import type { ConfigEnvironment } from './environment.ts';
import { flagsOnly, type LayerRequest, type LayerStack, loadLayers, typedConfig } from './layers.ts';
import { loadRequirements, NO_REQUIREMENTS } from './requirements.ts';

export interface ConfigRequest {
  readonly codexHome: string;
  /** Absolute. */
  readonly processCwd: string;
  /** Relative to that of the process, which is the default. Need not exist. */
  readonly cwd?: string | undefined;
  readonly cliOverrides: readonly CliOverride[];
  /** `--enable` and `--disable`: known names, checked by `featureOverrides`. */
  readonly enable: readonly string[];
  readonly disable: readonly string[];
  /** A request's dotted `config` object. */
  readonly requestOverrides?: Readonly<Record<string, unknown>> | undefined;
  readonly typed?: TypedOverrides | undefined;
  readonly analyticsDefault: boolean;
}

export interface LoadedConfig {
  readonly config: EffectiveConfig;
  readonly stack: LayerStack;
}

/** Applies every layer, profile and override. Throws ConfigError. */
export async function loadConfig(request: ConfigRequest, environment: ConfigEnvironment): Promise<EffectiveConfig> {
  return (await loadConfigAndLayers(request, environment)).config;
}

export async function loadConfigAndLayers(
  request: ConfigRequest,
  environment: ConfigEnvironment,
): Promise<LoadedConfig> {
  const layerRequest = layersOf(request);
  const stack = await loadLayers(layerRequest, environment);
  const requirements = await loadRequirements(environment, stack.layers);
  const config = await derive({
    ...inputOf(request, stack),
    cwd: layerRequest.cwd,
    requirements,
    environment,
  });
  return { config, stack };
}

/** Defaults with the process's flags, for a start with unusable files. Throws ConfigError. */
export async function loadDefaults(request: ConfigRequest, environment: ConfigEnvironment): Promise<EffectiveConfig> {
  const layerRequest = layersOf(request);
  const stack = flagsOnly(layerRequest);
  return derive({
    ...inputOf(request, stack),
    cwd: layerRequest.cwd,
    requirements: NO_REQUIREMENTS,
    environment,
  });
}

const layersOf = (request: ConfigRequest): LayerRequest & { readonly cwd: string } => ({
  codexHome: request.codexHome,
  cwd: resolve(request.processCwd, request.cwd ?? ''),
  cliOverrides: [...request.cliOverrides, ...featureOverrides(request.enable, request.disable)],
  requestOverrides: request.requestOverrides ?? {},
});

const inputOf = (request: ConfigRequest, stack: LayerStack) => ({
  config: typedConfig(stack.layers, stack.effective),
  stack,
  typed: request.typed ?? {},
  codexHome: request.codexHome,
  analyticsDefault: request.analyticsDefault,
});
