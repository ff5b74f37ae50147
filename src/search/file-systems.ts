/**
 * Recognises pseudo file systems. They contain no user files, and what the kernel reports there changes constantly
 * and has no end.
 */
import { statfsSync } from 'node:fs';
import type { Disk } from './disk.ts';

/**
 * Their numbers in statfs(2): https://github.com/torvalds/linux/blob/master/include/uapi/linux/magic.h. Reading
 * `autofs` mounts what it offers.
 */
const PSEUDO_TYPES: readonly number[] = [
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xf97cff8c, // selinux
  0x43415d53, // smackfs
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0xde5e81e4, // efivarfs
  0x1cd1, // devpts
  0x19800202, // mqueue
  0x62656570, // configfs
  0x42494e4d, // binfmt_misc
  0x958458f6, // hugetlbfs
  0x65735543, // fusectl
  0x6e736673, // nsfs
  0x67596969, // rpc_pipefs
  0x187, // autofs
  0x6c6f6f70, // binderfs
];

/** Whether a folder is in such a file system. Called only at mount points. */
export function isPseudo(disk: Disk, path: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const found = disk.ask(path, () => statfsSync(path));
    return found !== undefined && PSEUDO_TYPES.includes(found.type >>> 0);
  } catch {
    return false; // gone or not accessible: it has no files to find
  }
}
