/**
 * The administrator's restrictions. In: requirements.toml and the managed configuration. Out: the allowed values with
 * the file that set them, and a check that throws ConfigError with the texts clients know.
 */
import { join } from 'node:path';
import type * as z from 'zod/mini';
import { isMissing, osErrorText } from '../base/os-error.ts';
import type { Allowed, AllowedSandbox, Requirements } from '../contract/effective-config.ts';
import type { AskForApproval, SandboxPolicy } from '../protocol/policies.ts';
import type { ConfigEnvironment } from './environment.ts';
import { ConfigError } from './errors.ts';
import { readConfigText } from './files.ts';
import type { StackLayer } from './layers.ts';
import { requiredRules, requiredRulesToml } from './required-rules.ts';
import { list, optional, table, words } from './shape-types.ts';
import { readToml } from './toml.ts';
import { locateValue } from './toml-positions.ts';

export const NO_REQUIREMENTS: Requirements = { approvalPolicies: null, sandboxModes: null, rules: [], present: false };

const APPROVALS = ['untrusted', 'on-failure', 'on-request', 'never'] as const;
const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access', 'external-sandbox'] as const;

const requirementsToml = table({
  allowed_approval_policies: optional(list(words(APPROVALS))),
  allowed_sandbox_modes: optional(list(words(SANDBOXES))),
  rules: optional(requiredRulesToml),
});

/** The managed layer, if there is one, allows what it sets; requirements.toml takes precedence, field by field. */
export async function loadRequirements(
  environment: ConfigEnvironment,
  layers: readonly StackLayer[],
): Promise<Requirements> {
  const file = await fileRequirements(environment);
  const managed = managedRequirements(layers);
  const requirements: Requirements = {
    approvalPolicies: file.approvalPolicies ?? managed.approvalPolicies,
    sandboxModes: file.sandboxModes ?? managed.sandboxModes,
    rules: file.rules,
    present: file.present || managed.present,
  };
  if (requirements.approvalPolicies?.values.length === 0) {
    throw new ConfigError('requirement', 'field `allowed_approval_policies` cannot be empty');
  }
  const modes = requirements.sandboxModes;
  if (modes !== null && !modes.values.includes('read-only')) {
    const given = `\`[${modes.values.map(spelled).join(', ')}]\``;
    const reason = `invalid value for \`allowed_sandbox_modes\`: ${given} does not include 'read-only'`;
    throw new ConfigError('requirement', `${reason} (set by ${modes.setBy})`);
  }
  return requirements;
}

/** Throws ConfigError if a value is not allowed. */
export function requireAllowed<T extends string>(
  field: 'approval_policy' | 'sandbox_mode',
  value: T,
  allowed: Allowed<T> | null,
): void {
  if (allowed === null || allowed.values.includes(value)) return;
  const set = `[${allowed.values.map(spelled).join(', ')}]`;
  const reason = `invalid value for \`${field}\`: \`${spelled(value)}\` is not in the allowed set ${set}`;
  throw new ConfigError('requirement', `${reason} (set by ${allowed.setBy})`);
}

/** The same for new policies of a thread. */
export function requirePolicies(
  { approvalPolicy, sandboxPolicy }: { approvalPolicy?: AskForApproval; sandboxPolicy?: SandboxPolicy },
  requirements: Requirements,
): void {
  if (approvalPolicy !== undefined) requireAllowed('approval_policy', approvalPolicy, requirements.approvalPolicies);
  if (sandboxPolicy !== undefined)
    requireAllowed('sandbox_mode', MODE_OF[sandboxPolicy.type], requirements.sandboxModes);
}

const MODE_OF = {
  readOnly: 'read-only',
  workspaceWrite: 'workspace-write',
  dangerFullAccess: 'danger-full-access',
  externalSandbox: 'external-sandbox',
} as const satisfies Record<SandboxPolicy['type'], AllowedSandbox>;

/** The spelling of messages: CamelCase, and the policy `untrusted` under its longer name. */
const spelled = (value: string): string =>
  value === 'untrusted'
    ? 'UnlessTrusted'
    : value.replaceAll(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());

async function fileRequirements({ systemFolder }: ConfigEnvironment): Promise<Requirements> {
  if (systemFolder === null) return NO_REQUIREMENTS;
  const setBy = join(systemFolder, 'requirements.toml');
  const text = await readConfigText(setBy).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw new ConfigError('io', `Failed to read requirements file ${setBy}: ${osErrorText(error)}`, { cause: error });
  });
  if (text === null) return NO_REQUIREMENTS;
  const found = parseRequirements(text, setBy);
  return {
    approvalPolicies: allowed(found.allowed_approval_policies, setBy),
    sandboxModes: allowed(found.allowed_sandbox_modes, setBy),
    rules: found.rules === undefined ? [] : requiredRules(found.rules, setBy),
    present: text.split('\n').some((line) => /^\s*[^#\s]/.test(line)),
  };
}

const allowed = <T>(values: readonly T[] | undefined, setBy: string): Allowed<T> | null =>
  values === undefined ? null : { values, setBy };

function parseRequirements(text: string, path: string): z.infer<typeof requirementsToml> {
  const refuse = (position: { line: number; column: number }, reason: string): ConfigError => {
    const where = `line ${position.line}, column ${position.column}: ${reason}`;
    return new ConfigError('requirement', `Error parsing requirements file ${path}: ${where}`);
  };
  const read = readToml(text);
  if (!read.ok) throw refuse(read.fault.range.start, read.fault.reason);
  const result = requirementsToml.safeParse(read.table);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const keys = issue?.path.filter((key) => typeof key !== 'symbol') ?? [];
  throw refuse(locateValue(text, keys).start, issue?.message ?? 'invalid');
}

function managedRequirements(layers: readonly StackLayer[]): Requirements {
  const layer = layers.find(({ name }) => name.type === 'legacyManagedConfigTomlFromFile');
  if (layer === undefined || layer.source === null) return NO_REQUIREMENTS;
  const setBy = layer.source.path;
  const approval = APPROVALS.find((policy) => policy === layer.config.approval_policy);
  const sandbox = SANDBOXES.find((mode) => mode === layer.config.sandbox_mode);
  const modes = sandbox === undefined ? undefined : [...new Set<AllowedSandbox>(['read-only', sandbox])];
  return {
    approvalPolicies: allowed(approval === undefined ? undefined : [approval], setBy),
    sandboxModes: allowed(modes, setBy),
    rules: [],
    present: approval !== undefined || modes !== undefined,
  };
}
