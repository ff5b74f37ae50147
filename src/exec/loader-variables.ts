/**
 * Variables that make the loader, the C library or Perl read or write files for any program that starts. They are set
 * for the command only, not for the programs around it that run outside the sandbox: bubblewrap, and Perl in front of
 * it.
 */
type Variables = Readonly<Record<string, string>>;

const NAMES = /^(?:LD_.*|GLIBC_TUNABLES|GCONV_PATH|GETCONF_DIR|LOCPATH|NLSPATH|PERL.*|MALLOC_TRACE|RESOLV_HOST_CONF)$/;

export const loaderVariables = (env: Variables): [name: string, value: string][] =>
  Object.entries(env).filter(([name]) => NAMES.test(name));

export const withoutLoaderVariables = (env: Variables): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !NAMES.test(name)));
