/** Skills on the wire. */
import { type SkillSettingPlaces, writeSkillSetting } from '../config/skill-settings.ts';
import type { HandlerTable } from '../rpc/application.ts';
import type { SkillStore } from '../skills/store.ts';

export interface SkillHandlerDeps {
  readonly skills: SkillStore;
  readonly skillSettings: SkillSettingPlaces;
}

type SkillHandlers = Pick<HandlerTable, 'skills/list' | 'skills/config/write'>;

export function skillHandlers({ skills, skillSettings }: SkillHandlerDeps): SkillHandlers {
  return {
    'skills/list': async ({ cwds, forceReload }) => ({
      data: await skills.list(cwds ?? [], { reload: forceReload ?? false }),
    }),
    'skills/config/write': async ({ path, enabled }) => {
      await writeSkillSetting({ path, enabled }, skillSettings);
      skills.clear();
      return { effectiveEnabled: enabled };
    },
  };
}
