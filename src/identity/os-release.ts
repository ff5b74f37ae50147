/** Name and version of a Linux distribution, from the text of `/etc/os-release`. Pure; names observed on codex app-server 0.94.0. */
const NAMES: Readonly<Record<string, string>> = {
  almalinux: 'AlmaLinux',
  alpine: 'Alpine Linux',
  amzn: 'Amazon Linux AMI',
  arch: 'Arch Linux',
  artix: 'Artix Linux',
  cachyos: 'CachyOS Linux',
  centos: 'CentOS',
  debian: 'Debian',
  fedora: 'Fedora',
  kali: 'Kali Linux',
  linuxmint: 'Linux Mint',
  manjaro: 'Manjaro',
  mariner: 'Mariner',
  nixos: 'NixOS',
  nobara: 'Nobara Linux',
  ol: 'Oracle Linux',
  opensuse: 'openSUSE',
  'opensuse-leap': 'openSUSE',
  'opensuse-tumbleweed': 'openSUSE',
  pop: 'Pop!_OS',
  rhel: 'Red Hat Enterprise Linux',
  rocky: 'Rocky Linux',
  sled: 'SUSE Linux Enterprise Server',
  sles: 'SUSE Linux Enterprise Server',
  ubuntu: 'Ubuntu',
  void: 'Void Linux',
};

const UNKNOWN_SYSTEM = 'Linux Unknown';

/** `12` -> `12.0.0`, `22.04` -> `22.4.0`; any other text is returned unchanged. */
export function normalizeVersion(version: string): string {
  if (!/^\d+(?:\.\d+){0,2}$/.test(version)) return version;
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return `${major}.${minor}.${patch}`;
}

function member(text: string, name: string): string | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}=`));
  const value = line?.slice(name.length + 1).trimEnd() ?? '';
  const quote = value.charAt(0);
  const isQuoted = value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote);
  const bare = isQuoted ? value.slice(1, -1) : value;
  return bare === '' ? undefined : bare;
}

/** E.g. `Debian 12.0.0`; `Linux Unknown` for a distribution without a known name. */
export function systemFromOsRelease(text: string): string {
  const id = member(text, 'ID');
  if (id === undefined || !Object.hasOwn(NAMES, id)) return UNKNOWN_SYSTEM;
  const version = member(text, 'VERSION_ID');
  return `${NAMES[id]} ${version === undefined ? 'Unknown' : normalizeVersion(version)}`;
}

/** E.g. `Mac OS 14.5.0`, from the text of `SystemVersion.plist`. */
export function systemFromPlist(text: string): string {
  const version = /<key>ProductVersion<\/key>\s*<string>([^<]*)<\/string>/.exec(text)?.[1];
  return `Mac OS ${version === undefined ? 'Unknown' : normalizeVersion(version)}`;
}
