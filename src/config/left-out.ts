/** Warnings about settings that give rights, in project folders which the user's own configuration does not name. */
import { dirname } from 'node:path';
import { type LayerStack, userConfigFile } from './layers.ts';
import type { ConfigWarning } from './startup.ts';
import { locate } from './toml-positions.ts';
import { isTrustedByName } from './trust.ts';

/** One for each file, with the place of the first setting. */
export function leftOutWarnings({ layers, trust }: LayerStack, codexHome: string): readonly ConfigWarning[] {
  return layers.flatMap(({ name, source, leftOut }) => {
    const [first] = leftOut;
    if (name.type !== 'project' || source === null || first === undefined) return [];
    const folder = dirname(name.dotCodexFolder);
    const userFile = userConfigFile(codexHome);
    const words = isTrustedByName(trust, folder) ? sendsLogins(userFile) : givesRights(userFile, folder);
    const summary = `${words.summary}: ${leftOut.join(', ')}.`;
    return [{ ...words, summary, path: source.path, range: locate(source.text, first.split('.')) }];
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

/** A string of JSON is a basic string of TOML. */
const trustEntry = (folder: string): string => `[projects.${JSON.stringify(folder)}]\ntrust_level = "trusted"`;

/** Lets each warning through once for each file, for as long as the server runs. */
export class FirstWarnings {
  readonly #known = new Set<string>();

  of(warnings: readonly ConfigWarning[]): readonly ConfigWarning[] {
    return warnings.filter(({ path, summary }) => {
      const key = JSON.stringify([path, summary]);
      const isFirst = !this.#known.has(key);
      this.#known.add(key);
      return isFirst;
    });
  }
}
