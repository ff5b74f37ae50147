/**
 * The skills of every cwd asked for so far. In: a cwd, or a configuration that was loaded for a thread. Out: the skills
 * as they were when first looked for. State: one entry per cwd string, owned here; `clear` forgets them all.
 */
import { resolve } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import type { SkillMetadata, SkillsListEntry } from '../protocol/skills.ts';
import { type Discovered, discoverSkills, type SkillConfig } from './discovery.ts';

export interface SkillStoreParts {
  readonly processCwd: string;
  /** The administrator's folder; null where there is none. */
  readonly systemFolder: string | null;
  /** Configuration of a folder, without the process's flags. May throw ConfigError. */
  readonly configFor: (cwd: string) => Promise<SkillConfig>;
  /** Settles when the bundled skills are in place; never rejects. */
  readonly systemSkills: Promise<void>;
}

export class SkillStore {
  readonly #parts: SkillStoreParts;
  readonly #byCwd = new Map<string, Promise<Discovered>>();

  constructor(parts: SkillStoreParts) {
    this.#parts = parts;
  }

  /** Answers skills/list: one entry per cwd, in order; without any, the server's own. */
  async list(cwds: readonly string[], options: { readonly reload: boolean }): Promise<SkillsListEntry[]> {
    const asked = cwds.length === 0 ? [this.#parts.processCwd] : cwds;
    if (options.reload) for (const cwd of asked) this.#byCwd.delete(cwd);
    return Promise.all(
      asked.map(async (cwd) => {
        const { skills, errors } = await this.#found(cwd, () =>
          this.#parts.configFor(resolve(this.#parts.processCwd, cwd)),
        );
        return { cwd, skills: [...skills], errors: [...errors] };
      }),
    );
  }

  /** The enabled skills of a thread that starts with this configuration. */
  async forThread(config: SkillConfig): Promise<readonly SkillMetadata[]> {
    const { skills } = await this.#found(config.cwd, () => Promise.resolve(config));
    return skills.filter((skill) => skill.enabled);
  }

  /** Called when skills were switched on or off. */
  clear(): void {
    this.#byCwd.clear();
  }

  #found(cwd: string, configOf: () => Promise<SkillConfig>): Promise<Discovered> {
    const known = this.#byCwd.get(cwd);
    if (known !== undefined) return known;
    const looking = this.#look(configOf).catch((error: unknown) => {
      // What could not be looked up is asked for again the next time.
      if (this.#byCwd.get(cwd) === looking) this.#byCwd.delete(cwd);
      if (error instanceof ConfigError) return { skills: [], errors: [{ path: cwd, message: error.message }] };
      throw error;
    });
    this.#byCwd.set(cwd, looking);
    return looking;
  }

  async #look(configOf: () => Promise<SkillConfig>): Promise<Discovered> {
    const [config] = await Promise.all([configOf(), this.#parts.systemSkills]);
    return discoverSkills(config, this.#parts.systemFolder);
  }
}
