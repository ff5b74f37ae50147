/** Skills on the wire. */
import { type SkillSettingPaths, writeSkillSetting } from '../config/skill-settings.ts';
import type { SkillStore } from '../skills/store.ts';
import { defineHandlers } from './define.ts';

export interface SkillHandlerDeps {
  readonly skills: SkillStore;
  readonly skillSettings: SkillSettingPaths;
}

export function skillHandlers({ skills, skillSettings }: SkillHandlerDeps) {
  return defineHandlers({
    'skills/list': async ({ cwds, forceReload }) => ({
      data: await skills.list(cwds ?? [], { reload: forceReload ?? false }),
    }),
    'skills/config/write': async ({ path, enabled }) => {
      await writeSkillSetting({ path, enabled }, skillSettings);
      skills.clear();
      return { effectiveEnabled: enabled };
    },
  });
}
