/** Apps that the account has connected. */
import { request } from './define.ts';
import * as t from './schema/types.ts';

/** An app that the account can use. */
export const AppInfo = t.struct('AppInfo', {
  id: t.string,
  name: t.string,
  description: t.orNull(t.string),
  logoUrl: t.orNull(t.string),
  logoUrlDark: t.orNull(t.string),
  distributionChannel: t.orNull(t.string),
  installUrl: t.orNull(t.string),
  /** Whether the account has connected the app. */
  isAccessible: t.withDefault(t.boolean, false),
});
export type AppInfo = t.Infer<typeof AppInfo>;

/** Params of `app/list`. */
export const AppsListParams = t.struct('AppsListParams', { cursor: t.opt(t.string), limit: t.opt(t.uint32) });
export type AppsListParams = t.Infer<typeof AppsListParams>;

/** Answers `app/list`. */
export const AppsListResponse = t.struct('AppsListResponse', { data: t.list(AppInfo), nextCursor: t.orNull(t.string) });
export type AppsListResponse = t.Infer<typeof AppsListResponse>;

/** Messages about apps. */
export const appMessages = [
  /** Lists apps, page by page. */
  request('app/list', AppsListParams, AppsListResponse),
] as const;
