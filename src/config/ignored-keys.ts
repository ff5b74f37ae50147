/** Warnings about ignored settings of project folders. */
import { dirname } from 'node:path';
import type { ConfigWarningNotification } from '../protocol/config.ts';
import { type LayerStack, userConfigFile } from './layers.ts';
import { locateValue } from './toml-positions.ts';
import { isTrustedByName } from './trust.ts';

/** One per file, with the position of the first setting. */
export function ignoredKeysWarnings(
  { layers, trust }: LayerStack,
  codexHome: string,
): readonly ConfigWarningNotification[] {
  return layers.flatMap(({ name, source, ignoredKeys }) => {
    const [first] = ignoredKeys;
    if (name.type !== 'project' || source === null || first === undefined) return [];
    const folder = dirname(name.dotCodexFolder);
    const userFile = userConfigFile(codexHome);
    const words = isTrustedByName(trust, folder) ? sendsLogins(userFile) : givesRights(userFile, folder);
    const summary = `${words.summary}: ${ignoredKeys.join(', ')}.`;
    return [{ ...words, summary, path: source.path, range: locateValue(source.text, first.split('.')) }];
  });
}

const givesRights = (userFile: string, folder: string) => ({
  summary: 'Settings of a project folder that is not trusted by name are left out',
  details: `They give rights. For them to count, add to ${userFile}:\n\n${trustEntry(folder)}\n`,
});

const sendsLogins = (userFile: string) => ({
  summary: 'Settings of a project that would send logins or keys to other hosts are left out',
  details: `Only your own configuration can do that. Move them to ${userFile} for them to count.`,
});

/** A JSON string is a valid basic string of TOML. */
const trustEntry = (folder: string): string => `[projects.${JSON.stringify(folder)}]\ntrust_level = "trusted"`;

/** Passes each warning once per file, for the life of the server. */
export class FirstWarnings {
  readonly #known = new Set<string>();

  of(warnings: readonly ConfigWarningNotification[]): readonly ConfigWarningNotification[] {
    return warnings.filter(({ path, summary }) => {
      const key = JSON.stringify([path, summary]);
      const isFirst = !this.#known.has(key);
      this.#known.add(key);
      return isFirst;
    });
  }
}
