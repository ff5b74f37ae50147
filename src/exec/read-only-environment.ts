/** The environment of a command that runs without approval because it only reads. */
import { delimiter, isAbsolute } from 'node:path';
import { HARMLESS_GIT } from '../base/git-variables.ts';

/** Variables that name programs that git starts, and files that it writes. */
const GIT_PROGRAMS = /^GIT_(?:EXTERNAL_DIFF|SSH|SSH_COMMAND|PROXY_COMMAND|EDITOR|ASKPASS|EXEC_PATH|TRACE.*|CONFIG_.*)$/;

/** Search paths of code and settings that are loaded implicitly; a relative one leads into the working folder. */
const PLACES = [
  'PATH',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
  'BASH_ENV',
  'ENV',
  'ZDOTDIR',
  'RIPGREP_CONFIG_PATH',
];

/** The variables of a command without those that make its programs start others, or load files from the folder. */
export function readOnlyEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(env)
    .filter(([name]) => !GIT_PROGRAMS.test(name))
    .map(([name, value]) => [name, PLACES.includes(name) ? absoluteOnly(name, value) : value] as const)
    .filter(([name, value]) => value !== '' || !PLACES.includes(name));
  return { ...Object.fromEntries(kept), ...HARMLESS_GIT };
}

function absoluteOnly(name: string, list: string): string {
  const entries = list.split(name === 'LD_PRELOAD' ? /[: ]/ : delimiter);
  return entries.filter(isAbsolute).join(delimiter);
}
