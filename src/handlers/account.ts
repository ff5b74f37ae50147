/** The account on the wire: what it is, and logging in. */
import type { Account } from '../account/account.ts';
import type { PlanType } from '../protocol/usage.ts';
import type { HandlerTable } from '../rpc/application.ts';
import { internalError } from '../rpc/errors.ts';
import type { Outgoing } from '../rpc/outgoing.ts';

export interface AccountHandlerDeps {
  readonly account: Account;
  readonly outgoing: Pick<Outgoing, 'notify'>;
}

export function accountHandlers({
  account,
  outgoing,
}: AccountHandlerDeps): Pick<HandlerTable, 'account/read' | 'account/login/start'> {
  const announceLogin = (): void => {
    outgoing.notify('account/login/completed', { loginId: null, success: true, error: null });
    outgoing.notify('account/updated', { authMode: account.mode });
  };
  return {
    'account/read': () => account.read(),
    'account/login/start': async (params, context) => {
      switch (params.type) {
        case 'apiKey':
          await account.loginWithApiKey(params.apiKey);
          context.afterReply(announceLogin);
          return { type: 'apiKey' };
        case 'chatgptAuthTokens':
          account.loginWithExternalTokens({
            idToken: params.idToken ?? null,
            accessToken: params.accessToken,
            accountId: params.chatgptAccountId ?? null,
            planType: planOf(params.chatgptPlanType ?? null),
          });
          context.afterReply(announceLogin);
          return { type: 'chatgptAuthTokens' };
        case 'chatgpt':
          throw internalError('not supported yet: account/login/start with type chatgpt');
      }
    },
  };
}

const PLANS: Readonly<Record<PlanType, true>> = {
  free: true,
  go: true,
  plus: true,
  pro: true,
  team: true,
  business: true,
  enterprise: true,
  edu: true,
  unknown: true,
};

const isPlan = (name: string): name is PlanType => Object.hasOwn(PLANS, name);
const planOf = (name: string | null): PlanType | null => (name === null ? null : isPlan(name) ? name : 'unknown');
