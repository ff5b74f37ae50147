/** Login and account, generation one: the same account, older names. */
import type { AccountManager } from '../../account/account.ts';
import { parseUuid } from '../../base/ids.ts';
import { invalidRequest } from '../../rpc/errors.ts';
import type { Outgoing } from '../../rpc/outgoing.ts';
import { defineHandlers } from '../define.ts';

export interface LegacyAuthHandlerDeps {
  readonly account: AccountManager;
  readonly outgoing: Pick<Outgoing, 'notify'>;
}

export function legacyAuthHandlers({ account, outgoing }: LegacyAuthHandlerDeps) {
  const changed = (): void => outgoing.notify('authStatusChange', { authMethod: account.mode });
  return defineHandlers({
    loginApiKey: async ({ apiKey }, context) => {
      await account.loginWithApiKey(apiKey);
      context.afterReply(changed);
      return {};
    },
    loginChatGpt: (_params, context) =>
      account.startBrowserLogin((loginId, end) => {
        const error = end.success ? null : end.error;
        outgoing.notify('loginChatGptComplete', { loginId, success: end.success, error });
        if (end.success) changed();
      }, context.signal),
    cancelLoginChatGpt: ({ loginId }, context) => {
      const id = parseUuid(loginId);
      if (!id.ok || !account.isPending(id.value)) {
        throw invalidRequest(`login id not found: ${id.ok ? id.value : loginId}`);
      }
      context.afterReply(() => account.cancelPending());
      return {};
    },
    logoutChatGpt: async (_params, context) => {
      await account.logout();
      context.afterReply(changed);
      return {};
    },
    getAuthStatus: async ({ includeToken, refreshToken }, { signal }) => {
      if (refreshToken === true) await account.refresh(signal);
      if (!account.requiresOpenaiAuth) return { authMethod: null, authToken: null, requiresOpenaiAuth: false };
      await account.fresh(signal);
      const { mode, token } = account.status();
      return { authMethod: mode, authToken: includeToken === true ? token : null, requiresOpenaiAuth: true };
    },
    userInfo: async () => {
      await account.settle();
      return { allegedUserEmail: account.email };
    },
  });
}
