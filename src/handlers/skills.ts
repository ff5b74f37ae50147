/** Skills on the wire. */
import type { HandlerTable } from '../rpc/application.ts';
import type { SkillStore } from '../skills/store.ts';

export interface SkillHandlerDeps {
  readonly skills: SkillStore;
}

export function skillHandlers({ skills }: SkillHandlerDeps): Pick<HandlerTable, 'skills/list'> {
  return {
    'skills/list': async ({ cwds, forceReload }) => ({
      data: await skills.list(cwds ?? [], { reload: forceReload ?? false }),
    }),
  };
}
