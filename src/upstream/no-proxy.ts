/** NO_PROXY: the hosts to reach directly. In: the variable. Out: a predicate of host and port. */
import { BlockList, isIP } from 'node:net';

export type Bypass = (hostname: string, port: number) => boolean;

interface Rule {
  readonly name: string;
  /** 0: any. */
  readonly port: number;
}

/**
 * A comma or space separated list of names (which include their subdomains; a leading `.` or `*.` changes nothing),
 * IP addresses, CIDR ranges and `*`; a name may have a port. Other entries match nothing.
 */
export function parseNoProxy(text: string): Bypass {
  const entries = text.split(/[,\s]+/).filter((entry) => entry !== '');
  if (entries.includes('*')) return () => true;
  const ranges = new BlockList();
  const rules: Rule[] = [];
  for (const entry of entries) {
    if (!addRange(ranges, entry)) rules.push(ruleOf(entry.toLowerCase()));
  }
  return (hostname, port) => {
    const host = hostname
      .toLowerCase()
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '');
    const family = isIP(host);
    if (family !== 0) {
      if (ranges.check(host, family === 4 ? 'ipv4' : 'ipv6')) return true;
      return rules.some((rule) => rule.name === host && matchesPort(rule, port));
    }
    return rules.some((rule) => (host === rule.name || host.endsWith(`.${rule.name}`)) && matchesPort(rule, port));
  };
}

const matchesPort = (rule: Rule, port: number): boolean => rule.port === 0 || rule.port === port;

function addRange(ranges: BlockList, entry: string): boolean {
  const [address = '', bits, ...rest] = entry.replace(/^\[|\]$/g, '').split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > most || bits === '') return false;
  ranges.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return true;
}

function ruleOf(entry: string): Rule {
  const withPort = /^\[?([^\]]+?)\]?:(\d+)$/.exec(entry);
  const name = withPort?.[1] ?? entry;
  return { name: name.replace(/^\*?\./, '').replace(/\.$/, ''), port: Number(withPort?.[2] ?? 0) };
}
