/** Warnings about settings that give rights, in project folders which the user's own configuration does not name. */
import { dirname } from 'node:path';
import { type LayerStack, userConfigFile } from './layers.ts';
import type { ConfigWarning } from './startup.ts';
import { locate } from './toml-positions.ts';

/** One for each file, with the place of the first setting. */
export function leftOutWarnings({ layers }: LayerStack, codexHome: string): readonly ConfigWarning[] {
  return layers.flatMap(({ name, source, leftOut }) => {
    const [first] = leftOut;
    if (name.type !== 'project' || source === null || first === undefined) return [];
    const folder = dirname(name.dotCodexFolder);
    return [
      {
        summary: `Settings of a project folder that is not trusted by name are left out: ${leftOut.join(', ')}.`,
        details: `They give rights. For them to count, add to ${userConfigFile(codexHome)}:\n\n${trustEntry(folder)}\n`,
        path: source.path,
        range: locate(source.text, first.split('.')),
      },
    ];
  });
}

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
