/** The account on the wire: what it is, logging in and out, its limits. */
import type { AccountManager } from '../account/account.ts';
import { parseUuid } from '../base/ids.ts';
import { invalidRequest } from '../rpc/errors.ts';
import type { Outgoing } from '../rpc/outgoing.ts';
import { defineHandlers } from './define.ts';

export interface AccountHandlerDeps {
  readonly account: AccountManager;
  readonly outgoing: Pick<Outgoing, 'notify'>;
}

export function accountHandlers({ account, outgoing }: AccountHandlerDeps) {
  const updated = (): void => outgoing.notify('account/updated', { authMode: account.mode });
  const loggedIn = (): void => {
    outgoing.notify('account/login/completed', { loginId: null, success: true, error: null });
    updated();
  };
  return defineHandlers({
    'account/read': async ({ refreshToken }, { signal }) => {
      await (refreshToken ? account.refresh(signal) : account.settle());
      return { account: account.describe(), requiresOpenaiAuth: account.requiresOpenaiAuth };
    },
    'account/login/start': async (params, context) => {
      switch (params.type) {
        case 'apiKey':
          await account.loginWithApiKey(params.apiKey);
          context.afterReply(loggedIn);
          return { type: 'apiKey' };
        case 'chatgptAuthTokens':
          account.loginWithExternalTokens(params);
          context.afterReply(loggedIn);
          return { type: 'chatgptAuthTokens' };
        case 'chatgpt': {
          const started = await account.startBrowserLogin((loginId, end) => {
            const error = end.success ? null : end.error;
            outgoing.notify('account/login/completed', { loginId, success: end.success, error });
            if (end.success) updated();
          }, context.signal);
          return { type: 'chatgpt', ...started };
        }
      }
    },
    'account/login/cancel': ({ loginId }, context) => {
      const id = parseUuid(loginId);
      if (!id.ok) throw invalidRequest(`invalid login id: ${loginId}`);
      if (!account.isPending(id.value)) return { status: 'notFound' };
      context.afterReply(() => account.cancelPending());
      return { status: 'canceled' };
    },
    'account/logout': async (_params, context) => {
      await account.logout();
      context.afterReply(updated);
      return {};
    },
    'account/rateLimits/read': async (_params, context) => {
      context.leaveLanes(); // a backend that is slow to answer holds up no login
      return { rateLimits: await account.rateLimits(context.signal) };
    },
  });
}
